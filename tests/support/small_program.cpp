// SPDX-License-Identifier: Apache-2.0
#include "tests/support/small_program.h"

#include <cstring>
#include <map>

#include "converter/convert.h"
#include "converter/emit/seal.h"
#include "models/model.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

RandomVit options_of(Small model) {
  RandomVit o;
  o.dim = 64, o.depth = 2, o.heads = 2, o.image = 32, o.patch = 8, o.classes = 10;
  switch (model) {
    case Small::shallow: o.heads = 1, o.classes = 5; break;
    case Small::plain: break;
    case Small::distilled: o.distillation = true; break;
    case Small::mean_pooled: o.mean_pooling = true; break;
    case Small::without_class_token: o.class_token = false; break;
    case Small::narrow_heads: o.dim = 80, o.heads = 4, o.classes = 19; break;
    case Small::many_tokens: o.image = 64, o.patch = 4; break;
    case Small::odd_widths:
      o.dim = 30, o.heads = 3, o.hidden = 33, o.patch = 7, o.image = 28;
      break;
    case Small::static_scales: o.heads = 1, o.classes = 5; break;
    case Small::mlp_mixer:
    case Small::resmlp: break;
  }
  return o;
}

Pictures pictures_of(size_t image) {
  Pictures pictures(4, std::vector<uint8_t>(image * image * 3));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), pictures[i].size());
  return pictures;
}

// Converts a model of tests/models/reference.
AlignedBytes make_reference(const char* folder) {
  const Model model =
      read_model(VITRO_REFERENCE_MODELS "/" + std::string(folder) + "/model.safetensors", {});
  const Pictures pictures = pictures_of(model.graph.preprocessing.image_width);
  return std::move(convert(model.checkpoint, model.graph, pictures, {}, {}).file);
}

AlignedBytes make(Small model) {
  if (model == Small::mlp_mixer) return make_reference("mlp_mixer");
  if (model == Small::resmlp) return make_reference("resmlp");
  const RandomVit vit = options_of(model);
  const Checkpoint checkpoint = make_checkpoint(vit);
  vit::VitOptions options;
  options.heads = vit.heads;
  const Pictures pictures = pictures_of(vit.image);
  ConvertOptions convert_options;
  convert_options.static_scales = model == Small::static_scales;
  if (model == Small::plain || model == Small::shallow)
    for (size_t i = 0; i < vit.classes; ++i)
      convert_options.labels.push_back("class " + std::to_string(i));
  return std::move(
      convert(checkpoint, vit::build_vit(checkpoint, options), pictures, convert_options, {}).file);
}

}  // namespace

const char* name_of(Small model) {
  switch (model) {
    case Small::shallow: return "shallow";
    case Small::plain: return "plain";
    case Small::distilled: return "distilled";
    case Small::mean_pooled: return "mean_pooled";
    case Small::without_class_token: return "without_class_token";
    case Small::narrow_heads: return "narrow_heads";
    case Small::many_tokens: return "many_tokens";
    case Small::odd_widths: return "odd_widths";
    case Small::static_scales: return "static_scales";
    case Small::mlp_mixer: return "mlp_mixer";
    case Small::resmlp: return "resmlp";
  }
  return "";
}

const AlignedBytes& small_program(Small model) {
  static std::map<Small, AlignedBytes> made;
  const auto at = made.find(model);
  return at != made.end() ? at->second : made.emplace(model, make(model)).first->second;
}

AlignedBytes pack(const schema::ProgramT& program) {
  flatbuffers::FlatBufferBuilder builder(program.constants.size() + (1 << 16));
  schema::FinishProgramBuffer(builder, schema::CreateProgram(builder, &program));
  AlignedBytes file(builder.GetSize());
  std::memcpy(file.data(), builder.GetBufferPointer(), builder.GetSize());
  seal(file.data(), file.size());
  return file;
}

schema::ProgramT unpack(const AlignedBytes& file) {
  schema::ProgramT program;
  schema::UnPackTo(*schema::GetProgram(file.data()), &program);
  return program;
}

AlignedBytes copy_of(const AlignedBytes& file) {
  AlignedBytes copy(file.size());
  std::memcpy(copy.data(), file.data(), file.size());
  return copy;
}

}  // namespace vitro
