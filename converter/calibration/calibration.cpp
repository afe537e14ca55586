// SPDX-License-Identifier: Apache-2.0
#include "converter/calibration/calibration.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "converter/calibration/calibration_generated.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/fuse.h"
#include "converter/passes/pad.h"
#include "converter/passes/read_out.h"

namespace vitro::converter {

namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 30;  // far more than any
constexpr float kLargestNumber = 1e9f;
constexpr double kLargestSqnr = 4000;  // dB: of any two energies that doubles hold
constexpr char kRemedy[] = "calibrate again (--calib PHOTOS --save-calibration FILE)";

// In a file as it is written each vector has bytes of its own. One whose tables share theirs, or
// are themselves several of a list's, would be larger in memory than on disk, by any factor.
class Unpacked {
 public:
  explicit Unpacked(const saved::Calibration& file) {
    for (const saved::Node* node : *file.nodes()) add_node(*node);
    for (const saved::Layer* layer : *file.layers()) add(layer->name());
    if (file.sources())
      for (const saved::Source* source : *file.sources())
        add(source->name()), add(source->source());
    if (file.settings())
      for (const saved::FamilySetting* setting : *file.settings())
        add(setting->name()), add(setting->value());
  }
  uint64_t bytes() const { return bytes_; }

 private:
  void add_node(const saved::Node& node) {
    add(node.name());
    for (const auto* values : {node.mean(), node.lowest(), node.highest()}) add(values);
    if (!node.moments()) return;
    add(node.moments()->mean());
    add(node.moments()->deviation());
    add(node.moments()->correlation());
  }
  // With its length.
  template <class Vector>
  void add(const Vector* vector) {
    bytes_ += sizeof(uint32_t) + uint64_t{vector->size()} * sizeof(*vector->begin());
  }

  uint64_t bytes_ = 0;
};

std::unique_ptr<saved::MomentsT> describe(const PackedMoments& moments) {
  auto out = std::make_unique<saved::MomentsT>();
  out->mean = moments.mean;
  out->deviation = moments.deviation;
  out->correlation = moments.correlation;
  return out;
}

// Numbers of the float graph: their squares and sums stay within float32.
bool in_range(float value) { return std::abs(value) <= kLargestNumber; }
bool in_range(const std::vector<float>& values) {
  return std::all_of(values.begin(), values.end(), [](float value) { return in_range(value); });
}

ColumnStatistics statistics_of(const saved::NodeT& node) {
  ColumnStatistics s{{node.mean.begin(), node.mean.end()}, node.lowest, node.highest};
  bool good = in_range(node.mean) && in_range(s.lowest) && in_range(s.highest) &&
              s.lowest.size() == s.mean.size() && s.highest.size() == s.mean.size();
  for (size_t c = 0; good && c < s.mean.size(); ++c) good = s.lowest[c] <= s.highest[c];
  if (!good) throw std::invalid_argument(node.name);
  return s;
}

PackedMoments moments_of(const saved::NodeT& node) {
  PackedMoments m{node.moments->mean, node.moments->deviation, node.moments->correlation};
  const size_t k = m.mean.size();
  bool good = k > 0 && m.deviation.size() == k && m.correlation.size() == k * (k - 1) / 2 &&
              in_range(m.mean) && in_range(m.deviation);
  for (size_t c = 0; good && c < k; ++c) good = m.deviation[c] >= 0;
  if (!good) throw std::invalid_argument(node.name);
  return m;
}

StaticRange range_of(const saved::NodeT& node) {
  const StaticRange range{node.range->lowest, node.range->highest};
  if (!in_range(range.lowest) || !in_range(range.highest) || range.lowest > 0 || range.highest < 0)
    throw std::invalid_argument(node.name);
  return range;
}

LayerError error_of(const saved::LayerT& layer) {
  if (!(std::abs(layer.sqnr_db) <= kLargestSqnr)) throw std::invalid_argument(layer.name);
  return {layer.name, layer.sqnr_db};
}

/// But for mean and std.
Preprocessing preprocessing_of(const std::string& path, const saved::CalibrationT& file) {
  Preprocessing p;
  if (file.rescale == 0) {  // written before there was more than this
    p.resize_width = p.resize_height = file.resize;
    p.filter = file.bicubic ? ResizeFilter::Bicubic : ResizeFilter::Bilinear;
    return p;
  }
  if (file.filter > static_cast<uint8_t>(ResizeFilter::Lanczos) ||
      file.mode > static_cast<uint8_t>(ResizeMode::Cover) ||
      file.centring > static_cast<uint8_t>(Centring::Floor) ||
      file.orientation > static_cast<uint8_t>(Orientation::Apply) ||
      file.passes > static_cast<uint8_t>(PassOrder::Pillow13) || file.fill.size() != 3 ||
      !std::isfinite(file.rescale) || file.rescale < 0)
    throw InputError(path, "is damaged", kRemedy);
  p.filter = static_cast<ResizeFilter>(file.filter);
  p.mode = static_cast<ResizeMode>(file.mode);
  p.resize_width = file.resize_width;
  p.resize_height = file.resize_height;
  p.centring = static_cast<Centring>(file.centring);
  std::copy(file.fill.begin(), file.fill.end(), p.fill);
  p.orientation = static_cast<Orientation>(file.orientation);
  p.passes = static_cast<PassOrder>(file.passes);
  p.rescale = file.rescale;
  return p;
}

}  // namespace

std::string calibration_path(const std::string& checkpoint) {
  const size_t dot = checkpoint.rfind(".safetensors");
  return checkpoint.substr(0, dot) + ".calibration";
}

void write_calibration(OutputFile& to, const SavedCalibration& saved, const Graph& model) {
  const Graph graph = read_out(model);
  saved::CalibrationT file;
  file.recipe = kRecipe;
  file.checkpoint_sha256 = saved.checkpoint_sha256;
  file.pictures = static_cast<uint32_t>(saved.calibration.pictures);
  for (const auto& [name, value] : saved.settings) {
    auto setting = std::make_unique<saved::FamilySettingT>();
    setting->name = name;
    setting->value = value;
    file.settings.push_back(std::move(setting));
  }
  const Preprocessing& p = saved.preprocessing;
  file.resize = p.mode == ResizeMode::ShorterSide ? static_cast<uint32_t>(p.resize_width) : 0;
  file.bicubic = p.filter == ResizeFilter::Bicubic;
  file.filter = static_cast<uint8_t>(p.filter);
  file.mode = static_cast<uint8_t>(p.mode);
  file.resize_width = static_cast<uint32_t>(p.resize_width);
  file.resize_height = static_cast<uint32_t>(p.resize_height);
  file.centring = static_cast<uint8_t>(p.centring);
  file.fill.assign(p.fill, p.fill + 3);
  file.orientation = static_cast<uint8_t>(p.orientation);
  file.passes = static_cast<uint8_t>(p.passes);
  file.rescale = p.rescale;
  file.static_scales = saved.calibration.static_scales;
  file.smoothed = saved.calibration.smoothed;
  file.mean.assign(saved.preprocessing.mean, saved.preprocessing.mean + 3);
  file.std.assign(saved.preprocessing.std, saved.preprocessing.std + 3);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const ColumnStatistics& s = saved.calibration.statistics[i];
    auto node = std::make_unique<saved::NodeT>();
    node->name = graph.nodes[i].name;
    for (const double mean : s.mean) node->mean.push_back(static_cast<float>(mean));
    node->lowest = s.lowest;
    node->highest = s.highest;
    const auto moments = saved.calibration.moments.find(i);
    if (moments != saved.calibration.moments.end()) node->moments = describe(moments->second);
    const auto range = saved.calibration.ranges.find(i);
    if (range != saved.calibration.ranges.end()) {
      node->range = std::make_unique<saved::RangeT>();
      node->range->lowest = range->second.lowest;
      node->range->highest = range->second.highest;
    }
    file.nodes.push_back(std::move(node));
  }
  for (const LayerError& layer : saved.layers) {
    auto out = std::make_unique<saved::LayerT>();
    out->name = layer.name;
    out->sqnr_db = layer.sqnr_db;
    file.layers.push_back(std::move(out));
  }
  for (const auto& [name, source] : saved.sources) {
    auto out = std::make_unique<saved::SourceT>();
    out->name = name;
    out->source = source;
    file.sources.push_back(std::move(out));
  }
  flatbuffers::FlatBufferBuilder builder(1 << 20);
  saved::FinishCalibrationBuffer(builder, saved::Calibration::Pack(builder, &file));
  to.write(builder.GetBufferPointer(), builder.GetSize());
}

SavedCalibration read_calibration(const std::string& path, const std::string& checkpoint_sha256) {
  const std::string bytes = read_file(path, kMostBytes, "give a calibration file");
  const auto* const data = reinterpret_cast<const uint8_t*>(bytes.data());
  flatbuffers::Verifier verifier(data, bytes.size());
  if (bytes.size() < 16 || !saved::CalibrationBufferHasIdentifier(data))
    throw InputError(path, "is not a calibration file", kRemedy);
  if (!saved::VerifyCalibrationBuffer(verifier) ||
      Unpacked(*saved::GetCalibration(data)).bytes() > bytes.size())
    throw InputError(path, "is damaged", kRemedy);
  saved::CalibrationT file;
  saved::GetCalibration(data)->UnPackTo(&file);
  if (file.recipe != kRecipe)
    throw InputError(path, "was written by another version of the converter", kRemedy);
  if (file.checkpoint_sha256 != checkpoint_sha256)
    throw InputError(path,
                     "belongs to other weights (their SHA-256 is " + file.checkpoint_sha256 + ")",
                     kRemedy);

  SavedCalibration out;
  out.path = path;
  out.checkpoint_sha256 = file.checkpoint_sha256;
  for (const auto& setting : file.settings) out.settings[setting->name] = setting->value;
  if (file.heads != 0)  // written before families had settings of their own
    out.settings = {{"heads", std::to_string(file.heads)}, {"epsilon", text_of(file.epsilon)}};
  out.preprocessing = preprocessing_of(path, file);
  if (file.mean.size() != 3 || file.std.size() != 3 || !in_range(file.mean) ||
      !in_range(file.std) || file.layers.empty() || file.pictures == 0)
    throw InputError(path, "is damaged", kRemedy);
  std::copy(file.mean.begin(), file.mean.end(), out.preprocessing.mean);
  std::copy(file.std.begin(), file.std.end(), out.preprocessing.std);
  out.calibration.pictures = file.pictures;
  out.calibration.static_scales = file.static_scales;
  out.calibration.smoothed = file.smoothed;
  try {
    for (size_t i = 0; i < file.nodes.size(); ++i) {
      out.calibration.statistics.push_back(statistics_of(*file.nodes[i]));
      if (file.nodes[i]->moments) out.calibration.moments.emplace(i, moments_of(*file.nodes[i]));
      if (file.nodes[i]->range) out.calibration.ranges.emplace(i, range_of(*file.nodes[i]));
    }
    for (const auto& layer : file.layers) out.layers.push_back(error_of(*layer));
  } catch (const std::invalid_argument& name) {
    throw InputError(path, std::string("has numbers that cannot be in it, at ") + name.what(),
                     kRemedy);
  }
  for (const auto& source : file.sources) out.sources.emplace(source->name, source->source);
  return out;
}

void check_fit(const std::string& path, const Calibration& calibration, const Graph& model) {
  const Graph graph = pad(read_out(model));
  const std::vector<bool> ranges = calibration.static_scales
                                       ? with_static_range(graph, fuse(graph, true))
                                       : std::vector<bool>(graph.nodes.size());
  bool fits = calibration.statistics.size() == graph.nodes.size();
  for (size_t i = 0; fits && i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    fits = calibration.statistics[i].mean.size() == node.cols &&
           ranges[i] == (calibration.ranges.count(i) > 0);
    if (type_of(node).basis(node) != Basis::Free) continue;
    const auto moments = calibration.moments.find(node.inputs[0]);
    fits = fits && moments != calibration.moments.end() &&
           moments->second.mean.size() == graph.nodes[node.inputs[0]].cols;
  }
  if (!fits) throw InputError(path, "does not fit the model", kRemedy);
}

}  // namespace vitro::converter
