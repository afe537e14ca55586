// SPDX-License-Identifier: Apache-2.0
#include "converter/convert.h"

#include <algorithm>

#include "converter/base/error.h"
#include "converter/emit/emit.h"
#include "converter/graph/node_fault.h"
#include "converter/passes/fold.h"
#include "converter/passes/pad.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

namespace {

std::string file_name(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::unique_ptr<schema::PreprocessingT> describe(const Preprocessing& p) {
  auto out = std::make_unique<schema::PreprocessingT>();
  if (p.image_width == p.image_height) {
    out->image_size = static_cast<uint32_t>(p.image_width);
  } else {
    out->image_width = static_cast<uint32_t>(p.image_width);
    out->image_height = static_cast<uint32_t>(p.image_height);
  }
  out->filter = static_cast<schema::Filter>(p.filter);
  out->mode = static_cast<schema::ResizeMode>(p.mode);
  if (p.mode == ResizeMode::ShorterSide) {
    out->resize = static_cast<uint32_t>(p.resize_width);
  } else {
    out->resize_width = static_cast<uint32_t>(p.resize_width);
    out->resize_height = static_cast<uint32_t>(p.resize_height);
  }
  out->centring = static_cast<schema::Centring>(p.centring);
  if (std::any_of(p.fill, p.fill + 3, [](uint8_t v) { return v != 0; }))
    out->fill.assign(p.fill, p.fill + 3);
  out->orientation = static_cast<schema::Orientation>(p.orientation);
  out->passes = static_cast<schema::PassOrder>(p.passes);
  out->rescale = p.rescale == 1.0f / 255 ? 0 : p.rescale;
  out->mean.assign(p.mean, p.mean + 3);
  out->std.assign(p.std, p.std + 3);
  return out;
}

std::unique_ptr<schema::ProvenanceT> describe(const Checkpoint& checkpoint,
                                              const ConvertOptions& options,
                                              const Calibration& calibration) {
  auto out = std::make_unique<schema::ProvenanceT>();
  out->checkpoint = file_name(checkpoint.path);
  out->checkpoint_sha256 = checkpoint.sha256;
  out->converter = "vitro " VITRO_VERSION_STRING;
  out->options = options.description;
  out->quantisation =
      std::string("int8 weights per channel by GPTQ in a rotated basis; ") +
      (calibration.static_scales
           ? "linears' inputs and outputs static int8 per tensor, the head's input per token; "
           : "linears' inputs int8 per token, asymmetric; ") +
      "q, k int8 per head, v per channel; 8-bit attention weights; int16 residual stream; "
      "calibrated on " +
      std::to_string(calibration.pictures) + " pictures";
  for (const Setting& setting : options.settings) {
    auto to = std::make_unique<schema::SettingT>();
    to->name = setting.name, to->value = setting.value, to->source = setting.source;
    out->settings.push_back(std::move(to));
  }
  return out;
}

// From the quantised draft to the program's bytes. Leaves the layers to be measured.
ConvertResult finish(const Checkpoint& checkpoint, const Graph& graph, Quantised& quantised,
                     const ConvertOptions& options, const Progress& progress) {
  Draft& draft = quantised.draft;
  plan_memory(draft, options.plan);
  draft.program.version = kFormatVersion;
  draft.program.preprocessing = describe(graph.preprocessing);
  draft.program.provenance = describe(checkpoint, options, quantised.calibration);
  draft.program.labels = options.labels;
  if (progress) progress("computing the golden vectors", 0);
  make_golden(draft, {1, 2}, options.threads);
  if (progress) progress("computing the golden vectors", 1);

  ConvertResult result;
  result.file = serialise(draft);
  vitro_program program;
  vitro_open(result.file.data(), result.file.size(), &program);
  result.arena_bytes = vitro_arena_bytes(&program, 1);
  return result;
}

void check_labels(const Checkpoint& checkpoint, const Graph& graph, const ConvertOptions& options) {
  const size_t classes = graph.classes();
  if (!options.labels.empty() && options.labels.size() != classes)
    throw InputError(checkpoint.path,
                     "has " + std::to_string(classes) + " classes, but there are " +
                         std::to_string(options.labels.size()) + " labels",
                     "give a labels file with one line for each class");
}

// A layer's faults, with the file that it is in.
template <class Convert>
Quantised in_file(const Checkpoint& checkpoint, const Convert& convert) {
  try {
    return convert();
  } catch (const NodeFault& fault) {
    throw InputError(checkpoint.path, fault.what(), fault.remedy);
  }
}

}  // namespace

ConvertResult convert(const Checkpoint& checkpoint, const Graph& graph, const Pictures& pictures,
                      const ConvertOptions& options, const Progress& progress) {
  check_labels(checkpoint, graph, options);
  Quantised quantised = in_file(checkpoint, [&] {
    return quantise(fold(pad(graph)), pictures, options.static_scales, options.threads, progress);
  });
  ConvertResult result = finish(checkpoint, graph, quantised, options, progress);
  result.layers = measure_layers(result.file, quantised, pictures, options.threads, progress);
  result.logit_sqnr_db = result.layers.back().sqnr_db;
  result.calibration = std::move(quantised.calibration);
  return result;
}

ConvertResult convert(const Checkpoint& checkpoint, const Graph& graph,
                      const SavedCalibration& saved, const ConvertOptions& options,
                      const Progress& progress) {
  check_labels(checkpoint, graph, options);
  Quantised quantised = in_file(checkpoint, [&] {
    return quantise(fold(pad(graph)), saved.calibration, options.threads, progress);
  });
  ConvertResult result = finish(checkpoint, graph, quantised, options, progress);
  result.layers = saved.layers;
  result.logit_sqnr_db = result.layers.back().sqnr_db;
  result.calibration = std::move(quantised.calibration);
  return result;
}

}  // namespace vitro::converter
