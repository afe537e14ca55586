// vitro convert: checkpoint to program.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <thread>

#include "converter/calibration/calibration.h"
#include "converter/convert.h"
#include "converter/error.h"
#include "converter/parallel.h"
#include "converter/report/html.h"
#include "converter/write_file.h"
#include "models/vit/vit.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/labels.h"
#include "platforms/host/progress.h"
#include "runtime/program/golden.h"

namespace vitro {

namespace {

constexpr size_t kGeneratedPictures = 32;
constexpr double kPoorSqnr = 15;  // dB
constexpr char kCalibrationSuffix[] = ".calibration";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

void parse_three(const std::string& option, const std::string& text, float* out) {
  std::istringstream in(text);
  char comma1 = 0, comma2 = 0;
  if (!(in >> out[0] >> comma1 >> out[1] >> comma2 >> out[2]) || comma1 != ',' || comma2 != ',' || !(in >> std::ws).eof())
    throw UsageError(option, "'" + text + "' is not three numbers", "write red,green,blue, like 0.485,0.456,0.406");
}

void apply_preprocessing(const ConvertCommand& command, Preprocessing& p) {
  if (command.resize) p.resize_width = p.resize_height = command.resize;
  if (!command.filter.empty()) p.filter = command.filter == "bicubic" ? ResizeFilter::Bicubic : ResizeFilter::Bilinear;
  if (!command.mean.empty()) parse_three("--mean", command.mean, p.mean);
  if (!command.std.empty()) parse_three("--std", command.std, p.std);
  for (size_t c = 0; c < 3; ++c) {
    if (!(p.mean[c] >= -10 && p.mean[c] <= 10)) throw UsageError("--mean", "a value is not within -10 and 10", "give the mean of pixel / 255");
    if (!(p.std[c] >= 1e-3f && p.std[c] <= 1e3f)) throw UsageError("--std", "a value is not within 0.001 and 1000", "give the standard deviation of pixel / 255");
  }
  if (p.resize_width < p.image_size)
    throw InputError("--resize", std::to_string(p.resize_width) + " is less than the picture's " + std::to_string(p.image_size) + " pixels", "give at least that");
}

Pictures load_pictures(const std::vector<std::string>& paths, const Preprocessing& preprocessing, size_t threads, const Progress& progress) {
  Pictures pictures(paths.size());
  std::atomic<size_t> done{0};
  parallel_for(paths.size(), threads, [&](size_t i) {
    pictures[i] = prepare_picture(paths[i], preprocessing);
    progress("reading the calibration photos", static_cast<double>(++done) / static_cast<double>(paths.size()));
  });
  return pictures;
}

Pictures generate_pictures(size_t image_size) {
  Pictures pictures(kGeneratedPictures, std::vector<uint8_t>(image_size * image_size * 3));
  for (size_t i = 0; i < pictures.size(); ++i) golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), pictures[i].size());
  return pictures;
}

float epsilon_of(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (node.kind == NodeKind::LayerNorm) return node.epsilon;
  return 0;
}

size_t heads_of(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (node.kind == NodeKind::Attention) return node.heads;
  return 0;
}

// Everything that shapes the program, and nothing that does not (threads, paths).
std::string describe_options(const ConvertCommand& command, const Graph& graph, bool photos) {
  const Preprocessing& p = graph.preprocessing;
  std::ostringstream out;
  out << "calibration=" << (photos ? "photos" : "generated") << " resize=" << p.resize_width << " filter=" << (p.filter == ResizeFilter::Bicubic ? "bicubic" : "bilinear")
      << " epsilon=" << epsilon_of(graph) << " arena_budget=" << command.arena_budget;
  if (command.activations != "dynamic") out << " activations=" << command.activations;
  return out.str();
}

// Before minutes of work, not after. The file is replaced as a whole, so that writing to a device would replace that.
void check_writable(const std::string& path, const std::vector<std::string>& inputs) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::path(path).filename().empty() || (fs::exists(path, error) && !fs::is_regular_file(path, error)))
    throw InputError(path, "cannot be written: it is not the name of a file", "give a name in a folder that you may write to");
  for (const std::string& input : inputs)
    if (fs::equivalent(path, input, error)) throw InputError(path, "is to be read, and would be overwritten", "give another name to write to");
  const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/') + 1);
  if (access(folder.c_str(), W_OK | X_OK) != 0) throw InputError(path, "cannot be written: no such folder, or no permission", "give a path in a folder that you may write to");
}

void check_outputs(const ConvertCommand& command) {
  namespace fs = std::filesystem;
  std::vector<std::string> inputs = {command.checkpoint, command.calibration, command.labels}, taken;
  if (command.calibration.empty()) inputs.push_back(calibration_path(command.checkpoint));
  for (const std::string& path : {command.output, command.report, command.save_calibration}) {
    if (path.empty()) continue;
    check_writable(path, inputs);
    std::error_code error;
    const std::string canonical = fs::weakly_canonical(path, error).string();
    for (const std::string& other : taken)
      if (other == canonical) throw UsageError(path, "is to be written twice", "give two names");
    taken.push_back(canonical);
  }
  if (!command.save_calibration.empty() && !ends_with(command.save_calibration, kCalibrationSuffix))
    throw UsageError("--save-calibration", "'" + command.save_calibration + "' does not end in .calibration", "give a name that does: CHECKPOINT's, beside it, is found by itself");
}

// A saved calibration: the one asked for or, where nothing is, the checkpoint's own; empty where there is none.
std::string saved_calibration(const ConvertCommand& command) {
  if (ends_with(command.calibration, kCalibrationSuffix)) return command.calibration;
  const std::string beside = calibration_path(command.checkpoint);
  return command.calibration.empty() && access(beside.c_str(), F_OK) == 0 ? beside : "";
}

// The model as it was when it was calibrated. Options may repeat what was said then, and not change it.
Graph build_as_saved(const Checkpoint& checkpoint, const ConvertCommand& command, const SavedCalibration& saved, const std::string& path) {
  Graph graph = build_vit(checkpoint, {command.heads ? command.heads : saved.heads, command.epsilon != 0 ? command.epsilon : saved.epsilon});
  Preprocessing then = saved.preprocessing;
  then.image_size = graph.preprocessing.image_size;
  Preprocessing& now = graph.preprocessing = then;
  apply_preprocessing(command, now);
  if (now != then || heads_of(graph) != saved.heads || epsilon_of(graph) != saved.epsilon)
    throw InputError(path, "was saved with other preprocessing, --heads or --epsilon than are asked for", "leave those options out, or calibrate anew (--calib PHOTOS)");
  check_fit(path, saved.calibration, graph);
  return graph;
}

void print_layers(const std::vector<LayerError>& layers) {
  std::printf("%-28s %8s\n", "layer", "SQNR dB");
  for (const LayerError& layer : layers) std::printf("%-28s %8.2f\n", layer.name.c_str(), layer.sqnr_db);
}

}  // namespace

void convert_command(const ConvertCommand& command) {
  const auto start = std::chrono::steady_clock::now();
  check_outputs(command);
  ConvertOptions options;
  options.threads = command.threads ? command.threads : std::max(1u, std::thread::hardware_concurrency());
  options.plan.arena_budget = command.arena_budget;
  options.static_scales = command.activations == "static";
  if (!command.labels.empty()) options.labels = read_label_names(command.labels);

  const Checkpoint checkpoint = read_checkpoint(command.checkpoint);
  const std::string saved_path = saved_calibration(command);
  const bool photos = saved_path.empty() && !command.calibration.empty();
  if (!command.save_calibration.empty() && !photos)
    throw UsageError("--save-calibration", "there is nothing to save", "give the photos to calibrate on (--calib)");
  SavedCalibration saved;
  Graph graph;
  if (saved_path.empty()) {
    graph = build_vit(checkpoint, {command.heads, command.epsilon != 0 ? command.epsilon : VitOptions().epsilon});
    apply_preprocessing(command, graph.preprocessing);
  } else {
    saved = read_calibration(saved_path, checkpoint.sha256);
    if (saved.calibration.static_scales != options.static_scales)
      throw InputError(saved_path, std::string("holds what ") + (options.static_scales ? "dynamic" : "static") + " activations need, and " + command.activations + " ones are asked for",
                       "calibrate on photos (--calib DIR), or give --activations " + std::string(options.static_scales ? "dynamic" : "static"));
    graph = build_as_saved(checkpoint, command, saved, saved_path);
  }
  const size_t classes = graph.logits().cols;
  if (!options.labels.empty() && options.labels.size() != classes)
    throw InputError(command.labels, "has " + std::to_string(options.labels.size()) + " labels, but " + command.checkpoint + " has " + std::to_string(classes) + " classes",
                     "give one line for each class");

  ProgressLine line;
  const Progress progress = [&](const char* what, double done) { line.show(what, done); };
  options.description = describe_options(command, graph, photos || !saved_path.empty());
  ConvertResult result;
  const PictureList list = photos ? calibration_pictures(command.calibration) : PictureList();
  report_left_out(list.left_out);
  if (saved_path.empty()) {
    const Pictures pictures = photos ? load_pictures(list.files, graph.preprocessing, options.threads, progress)
                                     : generate_pictures(graph.preprocessing.image_size);
    result = convert(checkpoint, graph, pictures, options, progress);
  } else {
    result = convert(checkpoint, graph, saved, options, progress);
  }
  line.finish();

  write_file(command.output, result.file.data(), result.file.size());
  if (!command.save_calibration.empty())
    write_calibration(command.save_calibration, {checkpoint.sha256, heads_of(graph), epsilon_of(graph), graph.preprocessing, result.calibration, result.layers}, graph);
  if (!command.report.empty()) {
    const std::string html = layers_html(command.output, result);
    write_file(command.report, html.data(), html.size());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (result.logit_sqnr_db < kPoorSqnr)
    std::fprintf(stderr, "vitro: warning: the int8 logits are poor (%.1f dB, where 25 and more are usual): check the weights, --mean and --std, and the calibration photos\n",
                 result.logit_sqnr_db);

  const size_t pictures = result.calibration.pictures;
  if (command.json) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerError& layer : result.layers) layers.push_back({{"name", layer.name}, {"sqnr_db", layer.sqnr_db}});
    const char* from = !saved_path.empty() ? "saved" : photos ? "photos" : "generated";
    const nlohmann::ordered_json out = {{"file", command.output},        {"file_bytes", result.file.size()}, {"arena_bytes", result.arena_bytes},
                                        {"seconds", seconds},            {"calibration", from},              {"calibration_pictures", pictures},
                                        {"left_out", list.left_out},
                                        {"logit_sqnr_db", result.logit_sqnr_db}, {"layers", std::move(layers)}};
    print_json(out);
    return;
  }
  print_layers(result.layers);
  if (!saved_path.empty())
    std::printf("\nCalibration of %s: %zu pictures; the SQNR is what was measured on them then.\n", saved_path.c_str(), pictures);
  else if (!photos)
    std::printf("\nNo --calib: calibrated on %zu generated pictures. With a folder of real photos the program is more accurate.\n", pictures);
  if (!command.save_calibration.empty()) std::printf("\n%s: keep it beside the weights, under their name, and 'vitro convert' needs no photos.\n", command.save_calibration.c_str());
  std::printf("\n%s: %zu bytes, arena %zu bytes for one thread, logits %.2f dB over %zu calibration pictures, %.1f s\n", command.output.c_str(),
              result.file.size(), result.arena_bytes, result.logit_sqnr_db, pictures, seconds);
}

}  // namespace vitro
