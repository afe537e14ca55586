// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/program_file.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "runtime/core/bounds.h"

namespace vitro::host {

namespace {

constexpr size_t kHeadBytes = 8;  // an offset and the identifier
constexpr const char* kMakeAProgram = "make a program with 'vitro convert'";

std::string text(const flat::String* s) {
  return s ? std::string(s->c_str(), s->size()) : std::string();
}

// Of all texts, each with its length, as often as it stands somewhere: what a description takes. In
// a program as it is written each has bytes of its own.
class Texts {
 public:
  explicit Texts(const schema::Program& program) {
    for (const schema::Tensor* tensor : *program.tensors()) add(tensor->name());
    for (const schema::Step* step : *program.steps()) {
      add(step->name());
      for (const schema::Op* op : *step->ops()) add(op->name());
    }
    if (program.labels())
      for (const flat::String* label : *program.labels()) add(label);
    if (program.outputs())
      for (const schema::Output* output : *program.outputs()) add(output->name());
    if (program.provenance()) add_provenance(*program.provenance());
  }
  uint64_t bytes() const { return bytes_; }

 private:
  void add(const flat::String* s) {
    if (s) bytes_ += sizeof(uint32_t) + uint64_t{s->size()};
  }
  void add_provenance(const schema::Provenance& p) {
    for (const flat::String* s :
         {p.checkpoint(), p.checkpoint_sha256(), p.converter(), p.options(), p.quantisation()})
      add(s);
    if (!p.settings()) return;
    for (const schema::Setting* setting : *p.settings())
      for (const flat::String* s : {setting->name(), setting->value(), setting->source()}) add(s);
  }

  uint64_t bytes_ = 0;
};

}  // namespace

ProgramFile::ProgramFile(const std::string& path, const std::optional<SignedBy>& demanded)
    : path_(path) {
  const InputFile file(path, kMakeAProgram);
  if (file.size() == 0) throw InputError(path, "is empty", kMakeAProgram);
  if (file.size() >= kMaxFileBytes)
    throw InputError(path, "is larger than 2 GiB, which no program is", kMakeAProgram);
  // Before memory is taken for all of it: some file of that name may be any other.
  uint8_t head[kHeadBytes] = {};
  file.read(0, head, static_cast<size_t>(std::min<uint64_t>(sizeof head, file.size())));
  if (!demanded && !schema::ProgramBufferHasIdentifier(head))  // a signature comes first
    throw InputError(path, vitro_status_text(VITRO_NOT_A_PROGRAM), kMakeAProgram);
  data_ = AlignedBytes(static_cast<size_t>(file.size()));
  file.read(0, data_.data(), data_.size());
  file.check_unchanged();
  const Extent extent = accept(path, data_.data(), data_.size(), demanded);
  signature_ = extent.signature;
  vitro_status status = program_.open(data_.data(), extent.program_bytes);
  if (status == VITRO_OK) {
    const vitro_status whole = program_.check();
    has_digest_ = whole == VITRO_OK;
    if (whole == VITRO_DIGEST_MISMATCH) status = whole;
  }
  if (status != VITRO_OK)
    throw InputError(path,
                     std::string(vitro_status_text(status)) +
                         (program_.fault() ? std::string(": ") + program_.fault() : ""),
                     kMakeAProgram);
  if (Texts(schema()).bytes() > program_bytes())
    throw InputError(path,
                     "has texts that share their bytes: read out, they are larger than the file",
                     kMakeAProgram);
}

Preprocessing ProgramFile::preprocessing() const {
  const schema::Preprocessing& p = *schema().preprocessing();
  Preprocessing out;
  out.image_width = program_.image_width();
  out.image_height = program_.image_height();
  out.mode = static_cast<ResizeMode>(p.mode());
  out.resize_width = out.mode == ResizeMode::ShorterSide ? p.resize() : p.resize_width();
  out.resize_height = out.mode == ResizeMode::ShorterSide ? p.resize() : p.resize_height();
  out.filter = static_cast<ResizeFilter>(p.filter());
  out.centring = static_cast<Centring>(p.centring());
  if (p.fill())
    for (unsigned c = 0; c < 3; ++c) out.fill[c] = p.fill()->Get(c);
  out.orientation = static_cast<Orientation>(p.orientation());
  out.passes = static_cast<PassOrder>(p.passes());
  if (p.rescale() != 0) out.rescale = p.rescale();
  for (unsigned c = 0; c < 3; ++c) {
    out.mean[c] = p.mean()->Get(c);
    out.std[c] = p.std()->Get(c);
  }
  return out;
}

std::vector<OpInfo> list_ops(const Program& program) {
  const auto& steps = *schema::GetProgram(program.get()->data)->steps();
  std::vector<OpInfo> list;
  for (unsigned s = 0; s < steps.size(); ++s) {
    const auto& ops = *steps.Get(s)->ops();
    for (unsigned o = 0; o < ops.size(); ++o) {
      const schema::Op& op = *ops.Get(o);
      OpInfo info{s, schema::EnumNameOpArgs(op.args_type()), text(op.name()), {}};
      vitro_op_work(program.get(), s, o, &info.work);
      list.push_back(std::move(info));
    }
  }
  return list;
}

nlohmann::ordered_json describe_signature(const ProgramFile& file) {
  const std::optional<Signature>& s = file.signature();
  if (!s) return nullptr;
  return {{"counter", s->counter}, {"key_sha256", s->key_sha256}, {"verified", s->verified}};
}

nlohmann::ordered_json describe_provenance(const schema::Program& program) {
  const schema::Provenance* p = program.provenance();
  if (!p) return nullptr;
  nlohmann::ordered_json settings = nlohmann::ordered_json::array();
  if (p->settings())
    for (const schema::Setting* s : *p->settings())
      settings.push_back(
          {{"name", text(s->name())}, {"value", text(s->value())}, {"source", text(s->source())}});
  return {{"checkpoint", text(p->checkpoint())},
          {"checkpoint_sha256", text(p->checkpoint_sha256())},
          {"converter", text(p->converter())},
          {"options", text(p->options())},
          {"quantisation", text(p->quantisation())},
          {"settings", std::move(settings)}};
}

const char* name_of(vitro_output_kind kind) {
  switch (kind) {
    case VITRO_OUTPUT_LOGITS: return "logits";
    case VITRO_OUTPUT_FEATURES: return "features";
    case VITRO_OUTPUT_MAP: return "map";
    case VITRO_OUTPUT_LABELS: return "labels";
    case VITRO_OUTPUT_BOXES: return "boxes";
  }
  return "";
}

nlohmann::ordered_json describe_outputs(const Program& program) {
  nlohmann::ordered_json outputs = nlohmann::ordered_json::array();
  for (size_t i = 0; i < program.output_count(); ++i) {
    const vitro_output_info info = program.output(i);
    outputs.push_back({{"name", info.name},
                       {"kind", name_of(info.kind)},
                       {"rows", info.rows},
                       {"cols", info.cols},
                       {"bytes", info.rows * info.cols * sizeof(float)}});
  }
  return outputs;
}

std::string list_outputs(const Program& program) {
  std::string list;
  for (size_t i = 0; i < program.output_count(); ++i) {
    const vitro_output_info info = program.output(i);
    list += (list.empty() ? "" : ", ") + std::string(name_of(info.kind)) + " '" + info.name + "'";
  }
  return list;
}

}  // namespace vitro::host
