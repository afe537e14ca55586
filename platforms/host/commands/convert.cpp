// SPDX-License-Identifier: Apache-2.0
// vitro convert: checkpoint to program.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/base/parallel.h"
#include "converter/base/write_file.h"
#include "converter/calibration/calibration.h"
#include "converter/convert.h"
#include "converter/report/html.h"
#include "models/config/json_file.h"
#include "models/config/model_files.h"
#include "platforms/host/commands/model_arguments.h"
#include "platforms/host/labels.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/processors.h"
#include "platforms/host/progress.h"

namespace vitro::host {

using namespace converter;

namespace {

constexpr double kPoorSqnr = 15;  // dB
constexpr char kCalibrationSuffix[] = ".calibration";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Pictures load_pictures(const std::vector<std::string>& paths, const Preprocessing& preprocessing,
                       size_t threads, const Progress& progress) {
  Pictures pictures(paths.size());
  std::atomic<size_t> done{0};
  parallel_for(paths.size(), threads, [&](size_t i) {
    pictures[i] = prepare_picture(paths[i], preprocessing);
    progress("reading the calibration photos",
             static_cast<double>(++done) / static_cast<double>(paths.size()));
  });
  return pictures;
}

void check_files(const ConvertCommand& command, const ModelFiles& files) {
  namespace fs = std::filesystem;
  std::vector<std::string> inputs = {files.weights, files.config, files.processor,
                                     command.calibration, command.labels};
  if (command.calibration.empty()) inputs.push_back(calibration_path(files.weights));
  inputs.push_back(command.model.prompts);
  if (!command.model.lora.empty())
    for (const char* name :
         {"adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"})
      inputs.push_back((fs::path(command.model.lora) / name).string());
  check_outputs({command.output, command.report, command.save_calibration}, inputs);
  if (!command.save_calibration.empty() && !ends_with(command.save_calibration, kCalibrationSuffix))
    throw UsageError("--save-calibration",
                     "'" + command.save_calibration + "' does not end in .calibration",
                     "give a name that does: the weights' own, beside them, is found by itself");
}

bool gives_saved_calibration(const ConvertCommand& command) {
  return ends_with(command.calibration, kCalibrationSuffix);
}

// Photos are measured anew, whatever lies beside the weights.
ModelOptions options_of(const ConvertCommand& command) {
  ModelOptions options = model_options(command.model);
  options.own_calibration = command.calibration.empty();
  if (gives_saved_calibration(command)) options.calibration = command.calibration;
  return options;
}

// The model's own, unless others are given.
void settle_labels(const ConvertCommand& command, Model& model) {
  if (!command.labels.empty()) {
    model.labels = looks_like_json(command.labels) ? read_json_labels(command.labels)
                                                   : read_label_names(command.labels);
    model.labels_source = "--labels";
    const size_t classes = model.graph.classes();
    if (model.labels.size() != classes)
      throw InputError(command.labels,
                       "has " + std::to_string(model.labels.size()) + " labels, but " +
                           command.checkpoint + " has " + std::to_string(classes) + " classes",
                       "give one line for each class");
  }
  if (!model.labels.empty())
    model.settings.push_back(
        {"labels", std::to_string(model.labels.size()) + " names", model.labels_source, false});
}

// The number of heads is in no tensor, and a wrong one shows in no figure of the conversion.
void say_what_was_assumed(const Model& model) {
  for (const Setting& setting : model.settings)
    if (setting.assumed && setting.name == "heads")
      std::fprintf(stderr,
                   "vitro: warning: the number of heads, %s, is %s; if it is another, every answer "
                   "is wrong: give --heads, or the model's config.json\n",
                   shown(setting.value).c_str(), shown(setting.source).c_str());
  for (const std::string& warning : model.warnings)
    std::fprintf(stderr, "vitro: warning: %s\n", shown(warning).c_str());
  const std::string assumed = describe_assumed(model.settings);
  if (!assumed.empty())
    std::fprintf(stderr, "vitro: assumed, since neither an option nor a file says it: %s\n",
                 shown(assumed).c_str());
  if (!model.ignored.empty())
    std::fprintf(stderr, "vitro: left out, since classifying does not need them: %s\n",
                 shown(describe_ignored(model.ignored)).c_str());
}

std::string settings_table(const std::vector<Setting>& settings) {
  std::string table = formatted("%-14s %-34s %s\n", "setting", "value", "from");
  for (const Setting& setting : settings)
    table += formatted("%-14s %-34s %s\n", shown(setting.name).c_str(),
                       shown(setting.value).c_str(), shown(setting.source).c_str());
  return table + "\n";
}

std::string layers_table(const std::vector<LayerError>& layers) {
  std::string table = formatted("%-28s %8s\n", "layer", "SQNR dB");
  for (const LayerError& layer : layers)
    table += formatted("%-28s %8.2f\n", shown(layer.name).c_str(), layer.sqnr_db);
  return table;
}

MoreOutputs more_outputs(const std::vector<std::string>& words) {
  MoreOutputs out;
  for (const std::string& word : words)
    if (!parse(word, out))
      throw UsageError("--also", in_quotes(word) + " is no output that can be added",
                       "give features, patches, parts, attention or attention=N");
  return out;
}

// What is said of a conversion.
struct Account {
  const ConvertCommand& command;
  const Model& model;
  const ConvertResult& result;
  const std::map<std::string, size_t>& left_out;
  bool photos;
  double seconds;
};

const char* answers_of(const Model& model) {
  return model.graph.classes() > 0 ? "logits" : "outputs";
}

std::string account_in_json(const Account& a, const Program& program) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array(),
                         settings = nlohmann::ordered_json::array();
  for (const LayerError& layer : a.result.layers)
    layers.push_back({{"name", layer.name}, {"sqnr_db", layer.sqnr_db}});
  for (const Setting& s : a.model.settings)
    settings.push_back(
        {{"name", s.name}, {"value", s.value}, {"source", s.source}, {"assumed", s.assumed}});
  const char* const from = !a.model.calibration_path.empty() ? "saved"
                           : a.photos                        ? "photos"
                                                             : "generated";
  return json_of({{"file", a.command.output},
                  {"file_bytes", a.result.file.size()},
                  {"arena_bytes", a.result.arena_bytes},
                  {"outputs", describe_outputs(program)},
                  {"seconds", a.seconds},
                  {"calibration", from},
                  {"calibration_pictures", a.result.calibration.pictures},
                  {"left_out", a.left_out},
                  {"jpeg_decoder", jpeg_decoder()},
                  {"logit_sqnr_db", a.result.logit_sqnr_db},
                  {"settings", std::move(settings)},
                  {"ignored", a.model.ignored},
                  {"layers", std::move(layers)}},
                 2) +
         "\n";
}

std::string account_for_people(const Account& a, const Program& program) {
  const size_t pictures = a.result.calibration.pictures;
  std::string text = settings_table(a.model.settings) + layers_table(a.result.layers);
  if (!a.model.calibration_path.empty())
    text += formatted(
        "\nCalibration of %s: %zu pictures; the SQNR is what was measured on them then.\n",
        shown(a.model.calibration_path).c_str(), pictures);
  else if (!a.photos)
    text += formatted(
        "\nNo --calib: calibrated on %zu generated pictures. With a folder of real photos the "
        "program is more accurate.\n",
        pictures);
  if (program.output_count() > 1 || program.class_count() == 0)
    text += "\nOutputs: " + shown(list_outputs(program)) + "\n";
  if (!a.command.save_calibration.empty())
    text +=
        "\n" + shown(a.command.save_calibration) +
        ": keep it beside the weights, under their name, and 'vitro convert' needs no photos.\n";
  return text +
         formatted(
             "\n%s: %zu bytes, arena %zu bytes for one thread, %s %.2f dB over %zu calibration "
             "pictures, %.1f s\n",
             shown(a.command.output).c_str(), a.result.file.size(), a.result.arena_bytes,
             answers_of(a.model), a.result.logit_sqnr_db, pictures, a.seconds);
}

}  // namespace

void convert_command(const ConvertCommand& command) {
  const auto start = std::chrono::steady_clock::now();
  const ModelOptions model_says = options_of(command);
  check_files(command, find_model_files(command.checkpoint));
  ConvertOptions options;
  options.threads = command.threads ? command.threads : usable_processors();
  options.plan.arena_budget = command.arena_budget;
  options.static_scales = command.activations == "static";
  options.also = more_outputs(command.also);
  const bool photos = !command.calibration.empty() && !gives_saved_calibration(command);
  if (!command.save_calibration.empty() && !photos)
    throw UsageError("--save-calibration", "there is nothing to save",
                     "give the photos to calibrate on (--calib)");

  Model model = read_model(command.checkpoint, model_says);
  settle_labels(command, model);
  const Checkpoint& checkpoint = model.checkpoint;
  const Graph& graph = model.graph;
  const std::string& saved_path = model.calibration_path;
  options.labels = model.labels;
  options.settings = model.settings;

  ProgressLine line;
  const Progress progress = [&](const char* what, double done) { line.show(what, done); };
  ConvertResult result;
  const PictureList list = photos ? calibration_pictures(command.calibration) : PictureList();
  report_left_out(list.left_out);
  check_outputs({command.output, command.report, command.save_calibration}, list.files);
  if (saved_path.empty()) {
    const Pictures pictures =
        photos ? load_pictures(list.files, graph.preprocessing, options.threads, progress)
               : generated_pictures(graph.preprocessing);
    CalibrationSource source(pictures);
    source.generated = !photos;
    result = convert(checkpoint, graph, source, options, progress);
  } else {
    result = convert(checkpoint, graph, *model.calibration, options, progress);
  }
  line.finish();

  OutputFiles outputs;
  outputs.add(command.output).write(result.file.data(), result.file.size());
  if (!command.save_calibration.empty())
    write_calibration(outputs.add(command.save_calibration), to_save(model, result), graph);
  if (!command.report.empty())
    outputs.add(command.report)
        .write(layers_html({command.output, options.settings, result.layers, result.logit_sqnr_db,
                            result.file.size(), result.arena_bytes}));
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  say_what_was_assumed(model);
  if (result.logit_sqnr_db < kPoorSqnr)
    std::fprintf(stderr,
                 "vitro: warning: the int8 %s are poor (%.1f dB, where 25 and more are usual): "
                 "check the weights, --mean and --std, and the calibration photos\n",
                 answers_of(model), result.logit_sqnr_db);
  Program program;
  program.open(result.file.data(), result.file.size());
  const Account account{command, model, result, list.left_out, photos, seconds};
  const std::string text =
      command.json ? account_in_json(account, program) : account_for_people(account, program);
  outputs.commit();
  print_text(text, command.json);
}

}  // namespace vitro::host
