// vitro convert: checkpoint to program.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <thread>

#include "converter/convert.h"
#include "converter/emit/emit.h"
#include "converter/error.h"
#include "converter/parallel.h"
#include "converter/report/html.h"
#include "models/vit/vit.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/image.h"
#include "platforms/host/labels.h"
#include "platforms/host/progress.h"
#include "runtime/program/golden.h"

namespace vitro {

namespace {

constexpr size_t kGeneratedPictures = 32;
constexpr double kPoorSqnr = 15;  // dB

void parse_three(const std::string& option, const std::string& text, float* out) {
  std::istringstream in(text);
  char comma1 = 0, comma2 = 0;
  if (!(in >> out[0] >> comma1 >> out[1] >> comma2 >> out[2]) || comma1 != ',' || comma2 != ',' || !(in >> std::ws).eof())
    throw UsageError(option, "'" + text + "' is not three numbers", "write red,green,blue, like 0.485,0.456,0.406");
}

void apply_preprocessing(const ConvertCommand& command, Preprocessing& p) {
  if (command.resize) p.resize = command.resize;
  if (!command.filter.empty()) p.bicubic = command.filter == "bicubic";
  if (!command.mean.empty()) parse_three("--mean", command.mean, p.mean);
  if (!command.std.empty()) parse_three("--std", command.std, p.std);
  for (size_t c = 0; c < 3; ++c) {
    if (!(p.mean[c] >= -10 && p.mean[c] <= 10)) throw UsageError("--mean", "a value is not within -10 and 10", "give the mean of pixel / 255");
    if (!(p.std[c] >= 1e-3f && p.std[c] <= 1e3f)) throw UsageError("--std", "a value is not within 0.001 and 1000", "give the standard deviation of pixel / 255");
  }
  if (p.resize < p.image_size)
    throw InputError("--resize", std::to_string(p.resize) + " is less than the picture's " + std::to_string(p.image_size) + " pixels", "give at least that");
}

Pictures load_pictures(const std::vector<std::string>& paths, const Preprocessing& preprocessing, size_t threads, const Progress& progress) {
  Pictures pictures(paths.size());
  std::atomic<size_t> done{0};
  parallel_for(paths.size(), threads, [&](size_t i) {
    pictures[i] = preprocess(load_picture(paths[i]), preprocessing);
    progress("reading the calibration photos", static_cast<double>(++done) / static_cast<double>(paths.size()));
  });
  return pictures;
}

Pictures generate_pictures(size_t image_size) {
  Pictures pictures(kGeneratedPictures, std::vector<uint8_t>(image_size * image_size * 3));
  for (size_t i = 0; i < pictures.size(); ++i) golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), pictures[i].size());
  return pictures;
}

// Everything that shapes the program, and nothing that does not (threads, paths).
std::string describe_options(const ConvertCommand& command, const Preprocessing& p, bool photos) {
  std::ostringstream out;
  out << "calibration=" << (photos ? "photos" : "generated") << " resize=" << p.resize << " filter=" << (p.bicubic ? "bicubic" : "bilinear")
      << " epsilon=" << command.epsilon << " arena_budget=" << command.arena_budget;
  return out.str();
}

// Before minutes of work, not after. The file is replaced as a whole, so that writing to a device would replace that.
void check_writable(const std::string& path, const ConvertCommand& command) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::path(path).filename().empty() || (fs::exists(path, error) && !fs::is_regular_file(path, error)))
    throw InputError(path, "cannot be written: it is not the name of a file", "give a name in a folder that you may write to");
  for (const std::string& input : {command.checkpoint, command.calibration, command.labels})
    if (fs::equivalent(path, input, error)) throw InputError(path, "is to be read, and would be overwritten", "give another name to write to");
  const std::string folder = path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/') + 1);
  if (access(folder.c_str(), W_OK | X_OK) != 0) throw InputError(path, "cannot be written: no such folder, or no permission", "give a path in a folder that you may write to");
}

}  // namespace

void convert_command(const ConvertCommand& command) {
  const auto start = std::chrono::steady_clock::now();
  check_writable(command.output, command);
  if (!command.report.empty()) {
    check_writable(command.report, command);
    std::error_code error;
    if (std::filesystem::weakly_canonical(command.report, error) == std::filesystem::weakly_canonical(command.output, error))
      throw UsageError(command.report, "is given for the program and for the report", "give two names");
  }

  ConvertOptions options;
  options.threads = command.threads ? command.threads : std::max(1u, std::thread::hardware_concurrency());
  options.plan.arena_budget = command.arena_budget;
  if (!command.labels.empty()) options.labels = read_label_names(command.labels);

  const Checkpoint checkpoint = read_safetensors(command.checkpoint);
  Graph graph = build_vit(checkpoint, {command.heads, command.epsilon});
  apply_preprocessing(command, graph.preprocessing);
  const size_t classes = graph.logits().cols;
  if (!options.labels.empty() && options.labels.size() != classes)
    throw InputError(command.labels, "has " + std::to_string(options.labels.size()) + " labels, but " + command.checkpoint + " has " + std::to_string(classes) + " classes",
                     "give one line for each class");

  ProgressLine line;
  const Progress progress = [&](const char* what, double done) { line.show(what, done); };
  const bool photos = !command.calibration.empty();
  const Pictures pictures = photos ? load_pictures(calibration_pictures(command.calibration), graph.preprocessing, options.threads, progress)
                                   : generate_pictures(graph.preprocessing.image_size);
  options.description = describe_options(command, graph.preprocessing, photos);
  const ConvertResult result = convert(checkpoint, graph, pictures, options, progress);
  line.finish();

  write_file(command.output, result.file.data(), result.file.size());
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (!command.report.empty()) {
    const std::string html = layers_html(command.output, result);
    write_file(command.report, html.data(), html.size());
  }

  if (result.logit_sqnr_db < kPoorSqnr)
    std::fprintf(stderr, "vitro: warning: the int8 logits are poor (%.1f dB, where 25 and more are usual): check the weights, --mean and --std, and the calibration photos\n",
                 result.logit_sqnr_db);

  if (command.json) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const LayerError& layer : result.layers) layers.push_back({{"name", layer.name}, {"sqnr_db", layer.sqnr_db}});
    const nlohmann::ordered_json out = {{"file", command.output},       {"file_bytes", result.file.size()},     {"arena_bytes", result.arena_bytes},
                                        {"seconds", seconds},           {"logit_sqnr_db", result.logit_sqnr_db}, {"calibration_pictures", pictures.size()},
                                        {"layers", std::move(layers)}};
    print_json(out);
    return;
  }
  std::printf("%-28s %8s\n", "layer", "SQNR dB");
  for (const LayerError& layer : result.layers) std::printf("%-28s %8.2f\n", layer.name.c_str(), layer.sqnr_db);
  if (!photos)
    std::printf("\nNo --calib: calibrated on %zu generated pictures. With a folder of real photos the program is more accurate.\n", pictures.size());
  std::printf("\n%s: %zu bytes, arena %zu bytes for one thread, logits %.2f dB over %zu calibration pictures, %.1f s\n", command.output.c_str(),
              result.file.size(), result.arena_bytes, result.logit_sqnr_db, pictures.size(), seconds);
}

}  // namespace vitro
