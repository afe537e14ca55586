// SPDX-License-Identifier: Apache-2.0
// Swin Transformer, its second version (arXiv 2111.09883).
#include "models/family.h"

#include <algorithm>
#include <sstream>

#include "converter/base/error.h"
#include "models/swin/swin.h"
#include "models/swin_v2/names.h"

namespace vitro::converter::swin_v2 {

using namespace swin;  // of which this is the second version

namespace {

constexpr size_t kLargestWindow = 256;
constexpr char kWindow[] = "window", kTrained[] = "trained_windows";
constexpr char kTable[] = ".attn.relative_coords_table";

using Windows = std::vector<size_t>;  // of each stage

std::string text_of(const Windows& windows) {
  std::string text;
  for (const size_t window : windows) text += (text.empty() ? "" : ",") + std::to_string(window);
  return text;
}

// "12,12,12,6".
Said<Windows> windows_value(const NamedValues& values, const char* name) {
  const auto at = values.find(name);
  if (at == values.end()) return {};
  Said<Windows> out{{}, at->second.source, at->second.assumed};
  std::istringstream in(at->second.value);
  for (std::string word; std::getline(in, word, ',');) {
    const NamedValues one{{name, {word, out.source, out.assumed}}};
    out.value.push_back(whole_value(one, name, 0, kLargestWindow).value);
  }
  return out;
}

// The windows of a stage, of the coordinates that microsoft's files hold; 0: there are none.
size_t window_of_table(const CheckedTensors& tensors, size_t stage) {
  const std::string table = swin_block(stage, 0) + kTable;
  return tensors.has(table) ? (tensors.shape(table, 4)[1] + 1) / 2 : 0;
}

Said<size_t> window_said(const CheckedTensors& tensors, const FamilyOptions& options,
                         const NamedValues& saved) {
  Said<size_t> said = settle(whole_value(options.given, kWindow, 1, kLargestWindow),
                             options.config.window, whole_value(saved, kWindow, 1, kLargestWindow));
  const size_t of_table = window_of_table(tensors, 0);
  if (of_table > 0) {
    Said<size_t> table{of_table, "the rows of relative_coords_table", false};
    check_agreement(options.config_path, said, table);
    return table;
  }
  if (!said)
    tensors.refuse("does not say how large its windows are",
                   "give the config.json that was saved with the weights, or --set window=8");
  return said;
}

Said<PixelSize> picture_said(const CheckedTensors& tensors, const Swin& swin,
                             const FamilyOptions& options) {
  if (options.adapters.image_size != PixelSize{})
    return {options.adapters.image_size, "--image-size", false};
  if (options.config.image_size) return options.config.image_size;
  const size_t last = swin.stages.size() - 1, window = window_of_table(tensors, last);
  if (window == 0)
    tensors.refuse("does not say how large its pictures are",
                   "give the config.json that was saved with the weights, or --image-size");
  const size_t side = window * swin.patch << last;
  return {{side, side}, "assumed: the last stage is one window", true};
}

// Of more stages than there are, as of an architecture or transformers' default, the first count.
Said<Windows> trained_windows_said(const FamilyOptions& options, const NamedValues& saved,
                                   size_t stages) {
  Said<Windows> trained = settle(windows_value(options.given, kTrained),
                                 options.config.trained_windows, windows_value(saved, kTrained));
  if (!trained) return trained;
  if (trained.value.size() > stages && !options.given.count(kTrained)) trained.value.resize(stages);
  if (trained.value.size() != stages)
    throw InputError(trained.source,
                     "is of " + std::to_string(trained.value.size()) + " stages, and there are " +
                         std::to_string(stages),
                     "give one window for each stage");
  return trained;
}

// A map that is smaller than a window is one.
void settle_windows(const CheckedTensors& tensors, size_t window, const Said<Windows>& trained,
                    Swin& swin) {
  size_t height = swin.image.height / swin.patch, width = swin.image.width / swin.patch;
  for (size_t s = 0; s < swin.stages.size(); ++s) {
    SwinStage& stage = swin.stages[s];
    if (s > 0) height = (height + 1) / 2, width = (width + 1) / 2;
    // transformers rounds down here.
    const bool floors = swin.moved == MovedAxes::ByHeight;
    const size_t rows = floors ? swin.image.height / swin.patch >> s : height,
                 columns = floors ? rows : width;
    stage.window = std::min(window, rows);
    if (std::min(window, columns) != stage.window)
      tensors.refuse("of a picture of " + setting_of(swin.image) + " pixels stage " +
                         std::to_string(s) + " would have windows of " +
                         std::to_string(stage.window) + " rows and " +
                         std::to_string(std::min(window, columns)) + " columns",
                     "give another --image-size");
    if (stage.window == 0)
      tensors.refuse("of a picture of " + setting_of(swin.image) + " pixels stage " +
                         std::to_string(s) + " has no rows",
                     "give a larger --image-size");
    if (trained) stage.trained_window = trained.value[s];
  }
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "Swin");
  FamilyModel& model = start.model;
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  start.refuse_adapters();

  Swin swin = deduce_swin(tensors, {".attn.logit_scale", 3, 0});
  swin.second = true;
  swin.rolls_first = start.names.spelling == "timm";
  swin.moved = swin.rolls_first ? MovedAxes::Apart : MovedAxes::ByHeight;
  SwinSources sources;
  sources.heads_from = "the rows of logit_scale";
  sources.epsilon = start.epsilon(1e-5f);
  set_epsilon(start, sources.epsilon, swin);
  const Said<size_t> window = window_said(tensors, options, start.saved);
  sources.image = picture_said(tensors, swin, options);
  set_image(tensors, sources.image, swin);
  const Said<Windows> trained = trained_windows_said(options, start.saved, swin.stages.size());
  settle_windows(tensors, window.value, trained, swin);
  model.graph = build_swin(tensors, swin);

  add_swin_settings(swin, sources, options, model);
  model.keep(kWindow, window);
  if (trained) model.keep(kTrained, {text_of(trained.value), trained.source, trained.assumed});
  model.image_size_from = "by its windows";
  return std::move(model);
}

// The number in `text` from `at` on, where `at` comes to stand behind; 0 where there is none.
size_t number_at(const std::string& text, size_t& at) {
  size_t number = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && number < 10000; ++at)
    number = 10 * number + static_cast<size_t>(text[at] - '0');
  return number;
}

// "swinv2_base_window12to24_192to384": windows of 12 in pictures of 192 first, then of 24.
TimmArchitecture timm_swin_v2(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("swinv2_", 0) == 0;
  if (!out.known) return out;
  if (name.rfind("swinv2_cr_", 0) == 0) {
    out.fault = "its positions and norms are others than those of swinv2_*";
    return out;
  }
  out.epsilon = 1e-5f;
  const size_t word = name.find("_window");
  if (word == std::string::npos) return out;
  size_t at = word + 7;
  const size_t first = number_at(name, at);
  out.window = first;
  if (name.compare(at, 2, "to") != 0) return out;
  out.window = number_at(name, at += 2);
  const size_t pixels = number_at(name, ++at);
  constexpr size_t kPatch = 4, kStages = 4;
  for (size_t s = 0; s < kStages; ++s)
    out.trained_windows.push_back(std::min(first, pixels / kPatch >> s));
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{
      "swin_v2",
      "Swin Transformer V2",
      {{"epsilon", "epsilon of every LayerNorm"},
       {kWindow, "rows and columns of a window"},
       {kTrained, "windows of each stage that it was trained with first, as 12,12,12,6; 0: none"}},
      {{"swinv2", "Swinv2", 1e-5f, "", false}},
      timm_swin_v2,
      "swinv2_*",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::swin_v2
