// SPDX-License-Identifier: Apache-2.0
#include "converter/convert.h"

#include <algorithm>
#include <stdexcept>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "converter/emit/emit.h"
#include "converter/emit/seal.h"
#include "converter/graph/node_fault.h"
#include "converter/passes/begin_units.h"
#include "converter/passes/centre.h"
#include "converter/passes/fold.h"
#include "converter/passes/fuse.h"
#include "converter/passes/lower.h"
#include "converter/passes/measure.h"
#include "converter/passes/pad.h"
#include "converter/passes/read_out.h"
#include "converter/passes/rotate.h"
#include "converter/passes/smooth.h"
#include "runtime/core/bounds.h"
#include "runtime/core/golden.h"

namespace vitro::converter {

namespace {

constexpr size_t kGeneratedPictures = 32;

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

// Everything that shapes the program beside the model's settings, and nothing that does not
// (threads, paths).
std::string describe(const ConvertOptions& options, bool generated_pictures) {
  return std::string("calibration=") + (generated_pictures ? "generated" : "photos") +
         " arena_budget=" + std::to_string(options.plan.arena_budget) +
         (options.static_scales ? " activations=static" : "") +
         (options.also.empty() ? "" : " also=" + options.also.text());
}

std::unique_ptr<schema::ProvenanceT> describe(const Checkpoint& checkpoint,
                                              const ConvertOptions& options) {
  auto out = std::make_unique<schema::ProvenanceT>();
  out->checkpoint = file_name(checkpoint.path);
  out->checkpoint_sha256 = checkpoint.sha256;
  out->converter = "vitro " VITRO_VERSION_STRING;
  for (const Setting& setting : options.settings) {
    auto to = std::make_unique<schema::SettingT>();
    to->name = setting.name, to->value = setting.value, to->source = setting.source;
    out->settings.push_back(std::move(to));
  }
  return out;
}

bool contains(const std::vector<bool>& nodes) {
  return std::find(nodes.begin(), nodes.end(), true) != nodes.end();
}

struct Bases {
  bool rotated, smoothed;
};

// For people who ask what was done to a program's numbers.
std::string summary_of(const FusedGraph& fused, const Bases& bases,
                       const Calibration& calibration) {
  const bool heads = std::any_of(fused.nodes.begin(), fused.nodes.end(),
                                 [](const FusedNode& f) { return is_of_heads(f.form); });
  return std::string("int8 weights per channel by GPTQ") +
         (bases.rotated ? " in a rotated basis" : "") +
         (bases.smoothed ? " in smoothed columns" : "") + "; " +
         (calibration.static_scales
              ? "linears' inputs and outputs static int8 per tensor, the head's input per token; "
              : "linears' inputs int8 per token, asymmetric; ") +
         (heads ? "q, k int8 per head, v per channel; 8-bit attention weights; " : "") +
         "int16 residual stream; calibrated on " + std::to_string(calibration.pictures) +
         " pictures";
}

void check_labels(const Checkpoint& checkpoint, const Graph& graph, const ConvertOptions& options) {
  const size_t classes = graph.classes();
  if (!options.labels.empty() && options.labels.size() != classes)
    throw InputError(checkpoint.path,
                     "has " + std::to_string(classes) + " classes, but there are " +
                         std::to_string(options.labels.size()) + " labels",
                     "give a labels file with one line for each class");
}

void check_saved(const CalibrationSource& source, const ConvertOptions& options) {
  if (!source.saved || source.saved->calibration.static_scales == options.static_scales) return;
  const char* const asked = options.static_scales ? "static" : "dynamic";
  const char* const saved = options.static_scales ? "dynamic" : "static";
  throw InputError(
      source.saved->path,
      std::string("holds what ") + saved + " activations need, and " + asked +
          " ones are asked for",
      std::string("calibrate on photos (--calib DIR), or give --activations ") + saved);
}

// What the pictures say of the float graph. What lowering learns from them is still to come.
Calibration measure(const Graph& graph, const Pictures& pictures, const ConvertOptions& options,
                    const Progress& progress) {
  Calibration calibration;
  calibration.pictures = pictures.size();
  calibration.static_scales = options.static_scales;
  calibration.smoothed = true;
  calibration.statistics = collect_statistics(graph, pictures, options.threads, progress);
  return calibration;
}

// What a saved calibration does not have: the statistics of nodes that are there for the sake of
// more outputs. A linear layer's mean follows from its input's; it writes float32, so that its
// range plays no part.
void complete(const Graph& graph, const SavedCalibration& saved,
              std::vector<ColumnStatistics>& statistics) {
  for (size_t i = statistics.size(); i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    const size_t input = node.inputs[0];
    if (!node.is<Linear>() || saved.calibration.moments.count(input) == 0)
      throw InputError(saved.path,
                       "was saved without the outputs that are asked for (--also), and " +
                           node.name + " has to be measured",
                       "calibrate on photos (--calib DIR), or leave them out");
    const auto& linear = node.as<Linear>();
    ColumnStatistics s{std::vector<double>(node.cols), {}, {}};
    for (size_t n = 0; n < node.cols; ++n) {
      s.mean[n] = static_cast<double>(linear.bias[n]);
      for (size_t k = 0; k < linear.weight.cols; ++k)
        s.mean[n] += static_cast<double>(linear.weight.row(n)[k]) * statistics[input].mean[k];
      s.lowest.push_back(static_cast<float>(s.mean[n]));
      s.highest.push_back(static_cast<float>(s.mean[n]));
    }
    statistics.push_back(std::move(s));
  }
}

void check_more_outputs(const ConvertOptions& options) {
  const bool attention = options.also.all_attention || !options.also.attention.empty();
  if (options.static_scales && attention)
    throw InputError("--also attention",
                     "is of dynamic activations alone: static ones would change for its sake",
                     "leave --activations static out");
}

AlignedBytes emit(Draft& draft, size_t threads, const Progress& progress) {
  make_golden(draft, {1, 2}, threads, progress);
  add_digest(draft.program);
  return serialise(draft);
}

// Of the first output: the logits of a classifier.
double sqnr_of(const std::vector<LayerError>& layers, const std::string& name) {
  for (size_t i = layers.size(); i-- > 0;)
    if (layers[i].name == name) return layers[i].sqnr_db;
  return layers.back().sqnr_db;
}

size_t arena_bytes_of(const AlignedBytes& file) {
  vitro_program program;
  vitro_open(file.data(), file.size(), &program);
  return vitro_arena_bytes(&program, 1);
}

[[noreturn]] void refuse_size(const Checkpoint& checkpoint, const std::string& why) {
  throw InputError(checkpoint.path, "is a larger model than the runtime takes (" + why + ")",
                   "give a smaller model");
}

// Before hours of measuring. The verifier counts exactly; fusing makes one op of two nodes at most.
void check_size(const Checkpoint& checkpoint, const Graph& graph) {
  if (graph.nodes.size() > 2 * kMaxOps)
    refuse_size(checkpoint, std::to_string(graph.nodes.size()) + " operations");
}

const std::string& numbers_from(const Checkpoint& checkpoint, const CalibrationSource& source) {
  return source.saved ? source.saved->path : checkpoint.path;
}

}  // namespace

Pictures generated_pictures(const Preprocessing& preprocessing) {
  Pictures pictures(kGeneratedPictures, std::vector<uint8_t>(picture_bytes(preprocessing)));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), preprocessing.image_height,
                   preprocessing.image_width);
  return pictures;
}

ConvertResult convert(const Checkpoint& checkpoint, const Graph& model,
                      const CalibrationSource& source, const ConvertOptions& options,
                      const Progress& progress) try {
  check_labels(checkpoint, model, options);
  check_saved(source, options);
  check_more_outputs(options);
  const Pictures none, &pictures = source.pictures ? *source.pictures : none;
  ConvertResult result;

  Graph graph = fold(pad(read_out(with_more_outputs(model, options.also))));
  check_size(checkpoint, graph);
  const std::vector<bool> rotated = rotate(graph);
  result.calibration =
      source.saved ? source.saved->calibration : measure(graph, pictures, options, progress);
  std::vector<ColumnStatistics> statistics = result.calibration.statistics;
  if (source.saved) complete(graph, *source.saved, statistics);
  const size_t smoothed = result.calibration.smoothed ? smooth(graph, rotated, statistics) : 0;
  centre_attention(graph, statistics);
  const FusedGraph fused =
      fuse(graph, result.calibration.static_scales, begin_units(graph, statistics));
  Lowering lowering({graph, fused, pictures, statistics, result.calibration, options.threads});
  lower(lowering, progress);
  Draft& draft = lowering.draft;
  plan_memory(draft, options.plan);
  draft.program.version = kFormatVersion;
  draft.program.preprocessing = describe(graph.preprocessing);
  draft.program.provenance = describe(checkpoint, options);
  draft.program.provenance->quantisation =
      summary_of(fused, {contains(rotated), smoothed > 0}, result.calibration);
  draft.program.provenance->options = describe(options, source.generated);
  draft.program.labels = options.labels;
  result.file = emit(draft, options.threads, progress);

  result.arena_bytes = arena_bytes_of(result.file);
  result.layers = source.saved ? source.saved->layers
                               : measure_layers({result.file, graph, lowering.taps}, pictures,
                                                options.threads, progress);
  result.logit_sqnr_db = sqnr_of(result.layers, graph.outputs.front().name);
  return result;
} catch (const NodeFault& fault) {
  throw InputError(checkpoint.path, fault.what(), fault.remedy);
} catch (const std::range_error& fault) {
  throw InputError(numbers_from(checkpoint, source), std::string("has ") + fault.what(),
                   "calibrate again, on photos (--calib PHOTOS)");
} catch (const RefusedProgram& refusal) {
  if (refusal.too_large) refuse_size(checkpoint, refusal.what());
  if (!source.saved) throw;  // what was measured here does not lead there
  throw InputError(
      source.saved->path,
      std::string("has numbers of which no program can be made (") + refusal.what() + ")",
      "calibrate again, on photos (--calib PHOTOS)");
}

}  // namespace vitro::converter
