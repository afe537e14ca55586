// SPDX-License-Identifier: Apache-2.0
// --reference in builds with the converter: the float model, read as 'vitro convert' reads it.
#include <algorithm>
#include <cstdio>

#include "converter/base/error.h"
#include "converter/float/executor.h"
#include "models/model.h"
#include "platforms/host/commands/model_arguments.h"
#include "platforms/host/evaluation/outside.h"

namespace vitro::host {

using namespace converter;

namespace {

class Reference : public OutsideLogits {
 public:
  Reference(const std::string& path, Graph graph, const Preprocessing& program,
            std::vector<std::string> assumed, size_t lanes)
      : OutsideLogits("reference", path),
        graph_(std::move(graph)),
        own_pixels_(graph_.preprocessing != program) {
    for (size_t lane = 0; lane < lanes; ++lane)
      executors_.push_back(std::make_unique<FloatExecutor>(graph_));
    differences_ = preprocessing_differences(program, graph_.preprocessing);
    assumed_ = std::move(assumed);
  }

  std::vector<float> logits(size_t, const std::string& photo, const std::vector<uint8_t>& pixels,
                            size_t lane) override {
    return executors_[lane]
        ->run(own_pixels_ ? prepare_picture(photo, graph_.preprocessing).data() : pixels.data())
        .front();
  }

 private:
  Graph graph_;
  bool own_pixels_;
  std::vector<std::unique_ptr<FloatExecutor>> executors_;
};

/// How a part of the preprocessing, by the name of its setting, is taken from another.
struct Part {
  const char* setting;
  void (*take)(const Preprocessing& from, Preprocessing& to);
};

constexpr Part kParts[] = {
    {"resize",
     [](const Preprocessing& from, Preprocessing& to) {
       to.mode = from.mode;
       to.resize_width = from.resize_width;
       to.resize_height = from.resize_height;
     }},
    {"filter", [](const Preprocessing& from, Preprocessing& to) { to.filter = from.filter; }},
    {"crop_rounding",
     [](const Preprocessing& from, Preprocessing& to) { to.centring = from.centring; }},
    {"passes", [](const Preprocessing& from, Preprocessing& to) { to.passes = from.passes; }},
    {"fill", [](const Preprocessing& from,
                Preprocessing& to) { std::copy(from.fill, from.fill + 3, to.fill); }},
    {"orientation",
     [](const Preprocessing& from, Preprocessing& to) { to.orientation = from.orientation; }},
    {"rescale", [](const Preprocessing& from, Preprocessing& to) { to.rescale = from.rescale; }},
    {"mean", [](const Preprocessing& from,
                Preprocessing& to) { std::copy(from.mean, from.mean + 3, to.mean); }},
    {"std", [](const Preprocessing& from,
               Preprocessing& to) { std::copy(from.std, from.std + 3, to.std); }},
};

/// What the model only assumes is as in the program, and so is what does not count for it, which
/// has no setting. Returns the names of what it assumes.
std::vector<std::string> assume_as_in_program(const Preprocessing& program,
                                              const std::vector<Setting>& settings,
                                              Preprocessing& preprocessing) {
  std::vector<std::string> assumed;
  for (const Part& part : kParts) {
    const auto setting = std::find_if(settings.begin(), settings.end(),
                                      [&](const Setting& s) { return s.name == part.setting; });
    if (setting != settings.end() && !setting->assumed) continue;
    part.take(program, preprocessing);
    if (setting != settings.end()) assumed.push_back(part.setting);
  }
  return assumed;
}

}  // namespace

std::unique_ptr<OutsideLogits> read_reference(const ReferenceOptions& options,
                                              const Preprocessing& program, size_t classes,
                                              size_t lanes) {
  ModelOptions model_options;
  model_options.settings = family_settings(options.family);
  model_options.adapters = {options.lora, options.prompts, options.image_size};
  Model model = read_model(options.path, model_options);
  for (const std::string& warning : model.warnings)
    std::fprintf(stderr, "vitro: warning: %s\n", shown(warning).c_str());
  if (image_size(model.graph.preprocessing) != image_size(program) ||
      model.graph.classes() != classes)
    throw InputError(options.path, "has another picture size or number of classes than the program",
                     "give the model that the program was made from");
  std::vector<std::string> assumed =
      assume_as_in_program(program, model.settings, model.graph.preprocessing);
  model.checkpoint = {};  // the graph has its own copy, and the executors are about to make theirs
  return std::make_unique<Reference>(options.path, std::move(model.graph), program,
                                     std::move(assumed), lanes);
}

}  // namespace vitro::host
