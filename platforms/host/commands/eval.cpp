// vitro eval: accuracy on labelled photos, and agreement with the float model.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <memory>
#include <thread>

#include "converter/error.h"
#include "converter/parallel.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/image.h"
#include "platforms/host/labels.h"
#include "platforms/host/progress.h"
#ifdef VITRO_HAVE_CONVERTER
#include "converter/reference/executor.h"
#include "models/vit/vit.h"
#endif

namespace vitro {

namespace {

struct Score {
  size_t top1 = 0, top5 = 0;

  void add(const std::vector<float>& logits, size_t label) {
    const std::vector<size_t> best = top_indices(logits, 5);
    top1 += best[0] == label;
    top5 += std::find(best.begin(), best.end(), label) != best.end();
  }
};

#ifdef VITRO_HAVE_CONVERTER
Graph read_reference(const EvalCommand& command, const Preprocessing& preprocessing, size_t classes) {
  if (command.reference.empty()) return {};
  Graph graph = build_vit(read_safetensors(command.reference), {command.heads, command.epsilon});
  if (graph.preprocessing.image_size != preprocessing.image_size || graph.logits().cols != classes)
    throw InputError(command.reference, "has another picture size or number of classes than the program", "give the checkpoint that the program was made from");
  graph.preprocessing = preprocessing;
  return graph;
}

std::vector<std::vector<float>> reference_logits(const Graph& graph, const std::vector<std::vector<uint8_t>>& pictures, ProgressLine& line) {
  std::vector<std::vector<float>> logits(pictures.size());
  const size_t threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<size_t> done{0};
  parallel_for(std::min(threads, pictures.size()), threads, [&](size_t lane) {
    ReferenceExecutor executor(graph);
    for (size_t i = lane; i < pictures.size(); i += threads) {
      logits[i] = executor.run(pictures[i].data());
      line.show("float32 reference", static_cast<double>(++done) / static_cast<double>(pictures.size()));
    }
  });
  return logits;
}
#else
Graph read_reference(const EvalCommand& command, const Preprocessing&, size_t) {
  if (command.reference.empty()) return {};
  throw InputError("--reference", "this build has no converter", "build with -DVITRO_BUILD_CONVERTER=ON");
}

std::vector<std::vector<float>> reference_logits(const Graph&, const std::vector<std::vector<uint8_t>>&, ProgressLine&) { return {}; }
#endif

}  // namespace

void eval_command(const EvalCommand& command) {
  const ProgramFile file(command.model);
  const size_t classes = file.program().class_count();
  const std::vector<LabelledPhoto> photos = read_labels_csv(command.labels, command.images);
  if (photos.empty()) throw InputError(command.labels, "names no photos", "give a CSV with the columns file,label");
  for (const LabelledPhoto& photo : photos)
    if (static_cast<size_t>(photo.label) >= classes)
      throw InputError(command.labels, "gives " + photo.path + " the label " + std::to_string(photo.label) + ", but the program has " + std::to_string(classes) + " classes",
                       "give the labels that belong to this program");

  // One session for each thread: photos have nothing to wait for from one another.
  RunOptions alone = command.options;
  alone.threads = 1;
  std::vector<std::unique_ptr<Inference>> sessions;
  for (size_t lane = 0; lane < std::min(command.options.threads, photos.size()); ++lane) sessions.push_back(std::make_unique<Inference>(file, alone));
  const Preprocessing preprocessing = file.preprocessing();
  const Graph reference_graph = read_reference(command, preprocessing, classes);
  ProgressLine line;
  std::vector<std::vector<uint8_t>> pictures(photos.size());
  std::atomic<size_t> read{0};
  parallel_for(photos.size(), std::max(1u, std::thread::hardware_concurrency()), [&](size_t i) {
    pictures[i] = preprocess(load_picture(photos[i].path), preprocessing);
    line.show("reading photos", static_cast<double>(++read) / static_cast<double>(photos.size()));
  });

  std::vector<std::vector<float>> logits(photos.size());
  std::atomic<size_t> done{0};
  parallel_for(sessions.size(), sessions.size(), [&](size_t lane) {
    for (size_t i = lane; i < photos.size(); i += sessions.size()) {
      logits[i] = sessions[lane]->run(pictures[i]);
      line.show("int8 program", static_cast<double>(++done) / static_cast<double>(photos.size()));
    }
  });
  Score score;
  for (size_t i = 0; i < photos.size(); ++i) score.add(logits[i], static_cast<size_t>(photos[i].label));

  const double n = static_cast<double>(photos.size());
  nlohmann::ordered_json out = {{"images", photos.size()}, {"top1", static_cast<double>(score.top1) / n}, {"top5", static_cast<double>(score.top5) / n},
                                {"reference_top1", nullptr}, {"reference_top5", nullptr}, {"agreement", nullptr}, {"logit_sqnr_db", nullptr},
                                {"isa", sessions[0]->session().isa()}, {"linear", command.options.linear}};
  if (!command.reference.empty()) {
    const auto truth = reference_logits(reference_graph, pictures, line);
    Score reference;
    size_t agreed = 0;
    double signal = 0, noise = 0;
    for (size_t i = 0; i < photos.size(); ++i) {
      reference.add(truth[i], static_cast<size_t>(photos[i].label));
      agreed += top_indices(truth[i], 1) == top_indices(logits[i], 1);
      for (size_t c = 0; c < classes; ++c) {
        const double want = static_cast<double>(truth[i][c]), difference = static_cast<double>(logits[i][c]) - want;
        signal += want * want;
        noise += difference * difference;
      }
    }
    out["reference_top1"] = static_cast<double>(reference.top1) / n;
    out["reference_top5"] = static_cast<double>(reference.top5) / n;
    out["agreement"] = static_cast<double>(agreed) / n;
    out["logit_sqnr_db"] = 10 * std::log10(std::max(signal, 1e-30) / std::max(noise, 1e-30));
  }
  line.finish();

  if (command.json) {
    print_json(out);
    return;
  }
  std::printf("%zu photos (%s)\n  int8     top-1 %6.2f %%  top-5 %6.2f %%\n", photos.size(), sessions[0]->session().isa(), 100 * out["top1"].get<double>(),
              100 * out["top5"].get<double>());
  if (command.reference.empty()) return;
  std::printf("  float32  top-1 %6.2f %%  top-5 %6.2f %%\n  top-1 agreement %.2f %%, logit SQNR %.2f dB\n", 100 * out["reference_top1"].get<double>(),
              100 * out["reference_top5"].get<double>(), 100 * out["agreement"].get<double>(), out["logit_sqnr_db"].get<double>());
}

}  // namespace vitro
