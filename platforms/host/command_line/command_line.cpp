// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/command_line/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "converter/base/parallel.h"
#include "platforms/host/command_line/looks.h"
#include "platforms/host/command_line/options.h"
#include "platforms/host/command_line/trust.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/commands/constant.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/process.h"
#include "platforms/host/processors.h"
#include "platforms/host/runtime_sources.h"

namespace vitro::host {
namespace {

#ifdef VITRO_HAVE_CONVERTER
void add_convert(CLI::App& app, ConvertCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "convert",
      "Turn a trained model into an int8 program ('vitro families' lists what is supported)");
  sub->add_option("checkpoint", c.checkpoint,
                  "The model's folder, as transformers or timm saved it, or its file of weights; "
                  "a config.json beside that is read too")
      ->required()
      ->type_name("FOLDER|FILE");
  sub->add_option("-o,--output", c.output, "Where to write the program")
      ->required()
      ->type_name("FILE");
  sub->add_option("--calib", c.calibration,
                  "Photos to calibrate on: a folder, or a CSV with a column 'file'; or a saved "
                  "calibration (default: the one beside CHECKPOINT that ends in .calibration)")
      ->type_name("DIR|CSV|FILE.calibration");
  sub->add_option("--save-calibration", c.save_calibration,
                  "Save the calibration, so that later conversions need no photos; they find it "
                  "automatically under CHECKPOINT's name with .calibration")
      ->type_name("FILE.calibration");
  add_activations(sub, c.activations);
  sub->add_option("--labels", c.labels,
                  "Class names, one a line in class order, or JSON (id2label, a list); default: "
                  "the model's own")
      ->type_name("FILE");
  sub->add_option("--also", c.also,
                  "Outputs beside the model's own: features (what the classifier reads), patches, "
                  "parts (tokens that TransFG picks), attention (of all blocks) or attention=N (of "
                  "one, from 0); separated by commas")
      ->type_name("OUTPUT")
      ->delimiter(',')
      ->allow_extra_args(false);
  sub->add_option("--report", c.report, "Also write the table of layers as an HTML page")
      ->type_name("FILE.html");
  sub->add_option("-t,--threads", c.threads, "Threads (default: as many as this process may use)")
      ->check(whole_number(1, 1024));
  sub->add_option("--arena-budget", c.arena_budget,
                  "Bytes that planned memory may take for the sake of larger tiles (default: what "
                  "the smallest tiles need and, in models whose layers do not fit into 512 KiB of "
                  "cache, a thirty-second of the weights)")
      ->check(whole_number(0, 4294967296))
      ->type_name("BYTES");
  add_model_options(sub, c.model);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return convert_command(c), 0; }; });
}

void add_families(CLI::App& app, bool& json, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "families", "List the model families that 'vitro convert' supports, and their settings");
  add_json(sub, json);
  sub->callback([&] { action = [&] { return families_command(json), 0; }; });
}
#endif

void add_inspect(CLI::App& app, InspectCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "inspect", "Show what is in a program: steps, memory map, labels, preprocessing, provenance");
  CLI::Option* const model =
      sub->add_option("-m,--model", c.model, "The program, a .vitro file")->type_name("FILE");
  add_json(sub, c.json);
#ifdef VITRO_HAVE_CONVERTER
  CLI::Option* const graph =
      sub->add_option("--graph", c.graph,
                      "Instead of a program, a model as 'vitro convert' takes it: show the "
                      "operations that it would become, their formats, steps and streams")
          ->type_name("FOLDER|FILE")
          ->excludes(model);
  const std::vector<CLI::Option*> before = sub->get_options();
  add_activations(sub, c.activations);
  add_model_options(sub, c.arguments);
  for (CLI::Option* const option : sub->get_options())
    if (std::find(before.begin(), before.end(), option) == before.end()) option->needs(graph);
  sub->callback([&] {
    if (c.model.empty() && c.graph.empty()) throw CLI::RequiredError("--model or --graph");
    action = [&] { return c.graph.empty() ? inspect_command(c) : inspect_graph_command(c), 0; };
  });
#else
  model->required();
  sub->callback([&] { action = [&] { return inspect_command(c), 0; }; });
#endif
}

void add_run(CLI::App& app, RunCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand("run", "Name what is in photos (JPEG, PNG, BMP)");
  add_model(sub, c.model);
  sub->add_option("-i,--image", c.images,
                  "Photos, folders (with their sub-folders), or - for one photo on standard input")
      ->required()
      ->type_name("IMAGE|DIR|-");
  sub->add_option("-k,--top", c.top, "How many answers for each photo")
      ->check(whole_number(1, 100000))
      ->capture_default_str();
  add_run_options(sub, c.options);
  sub->add_option("--csv", c.csv,
                  "Write a line for each photo: row, file, then index, label and probability of "
                  "each answer; - is stdout")
      ->type_name("FILE.csv");
  sub->add_option("--logits", c.logits,
                  "Write all logits, float32 [photos, classes]. Photos that cannot be read have no "
                  "row; 'row' in CSV and JSON says which row belongs to a photo")
      ->type_name("FILE.npy");
  sub->add_option("--output", c.outputs,
                  "Write the values of one output ('vitro inspect' lists them), float32 [photos, "
                  "columns] or [photos, rows, columns]; may be repeated")
      ->type_name("NAME=FILE.npy")
      ->allow_extra_args(false);
  add_gallery_options(sub, c);
  sub->add_flag("--values", c.values, "Put all values of the outputs into the JSON");
  sub->add_flag("--jsonl", c.json_lines,
                "Print one JSON object for each photo, one a line, as they are ready");
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return run_command(c) ? 0 : kRefused; }; });
}

void add_eval(CLI::App& app, EvalCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "eval",
      "Measure accuracy on labelled photos, and agreement with given logits or a float32 model");
  add_model(sub, c.model);
  sub->add_option("--images", c.images,
                  "Folder of the photos; without --labels, it has a folder for each class")
      ->type_name("DIR");
  sub->add_option(
         "--labels", c.labels,
         "CSV with the columns file,label (class numbers or names), or a folder of class folders")
      ->type_name("CSV|DIR");
  sub->add_option("--class-names", c.class_names,
                  "Class names that the labels use, one a line in class order, such as "
                  "synset_words.txt (default: the program's)")
      ->type_name("FILE");
  sub->add_option("--expect", c.expect,
                  "Compare with these logits: one row for each photo, in the photos' order")
      ->type_name("LOGITS.npy");
  sub->add_option("--reference", c.reference,
                  "Compare with this model in float32, on photos prepared as its own files say")
      ->type_name("FOLDER|FILE");
  sub->add_option("--taxonomy", c.taxonomy,
                  "Also measure in this tree over the classes: lines of child,parent")
      ->type_name("FILE");
  sub->add_flag("--per-class", c.per_class, "Precision, recall and F1 of each class");
  sub->add_option("--csv", c.csv, "Write a line for each photo")->type_name("FILE.csv");
  sub->add_option("--confusion", c.confusion, "Write the confusion matrix")->type_name("FILE.csv");
  sub->add_option("--report", c.report, "Write all results as an HTML page with a picture")
      ->type_name("FILE.html");
  add_family_options(sub, c.family);
  add_adapter_options(sub, c.lora, c.prompts, c.image_size);
  c.options.threads = usable_processors();
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&] { action = [&] { return eval_command(c) ? 0 : kRefused; }; });
}

void add_bench(CLI::App& app, BenchCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand("bench", "Measure speed against the machine's own limit");
  sub->add_option("-m,--model", c.model, "The program, a .vitro file")->type_name("FILE");
  sub->add_option("-n,--runs", c.runs, "Measured runs (default: about two seconds of them)")
      ->check(whole_number(1, 1000000));
  sub->add_flag("--profile", c.profile,
                "Also time each op (on one thread), against the limit of its products");
  sub->add_option("--trace", c.trace,
                  "Also write what each thread does in one run, for Perfetto (ui.perfetto.dev) or "
                  "chrome://tracing")
      ->type_name("FILE.json");
  CLI::Option* compare =
      sub->add_option(
             "--compare", c.compare,
             "Measure nothing: show two results of --json side by side. No other option but "
             "--json goes with it")
          ->expected(2)
          ->type_name("BEFORE.json AFTER.json");
  add_run_options(sub, c.options);
  add_json(sub, c.json);
  sub->callback([&, sub, compare] {
    action = [&, sub, compare] {
      for (const CLI::Option* option : sub->get_options())
        if (compare->count() > 0 && option->count() > 0 && option != compare &&
            option->get_name() != "--json")
          throw UsageError(option->get_name(), "does not go with --compare",
                           "leave one of them out");
      if (compare->count() == 0 && c.model.empty())
        throw UsageError("--model", "is required", "or give two results with --compare");
      return bench_command(c), 0;
    };
  });
}

void add_emit(CLI::App& app, EmitCommand& c, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand("emit",
                                     "Turn a program into what firmware takes: a constant for its "
                                     "code, a flash image, pictures for a board's serial console; "
                                     "or write the runtime's sources");
  sub->add_option("-m,--model", c.model, "The program, a .vitro file")->type_name("FILE");
  sub->add_option("-o,--output", c.output, "Where to write; a constant's header goes beside it")
      ->type_name("FILE");
  CLI::Option_group* kind = sub->add_option_group("kind");
  kind->add_flag("--c-array", c.c_array,
                 "C source and header with the program as a constant, and its sizes");
  kind->add_flag("--assembly", c.assembly,
                 "The same as assembly (.S) that includes the program's bytes (.bin)");
  kind->add_option("--object", c.object, "The same as an object file for a linker")
      ->check(CLI::IsMember(object_machines()))
      ->type_name("MACHINE");
  kind->add_option("--runtime", c.runtime,
                   "A new folder with the runtime's sources, for any build system and compiler")
      ->type_name("DIR");
  kind->add_flag("--flash-image", c.flash_image,
                 "The program and prepared photos in one blob for a board's flash");
  kind->add_flag("--frames", c.frames,
                 "Photos in the form that a board takes over its serial console "
                 "(platforms/firmware/send_picture.py sends them)");
  kind->require_option(1);
  sub->add_option("-i,--image", c.images,
                  "Photos or folders of them, prepared as 'vitro run' does (flash image, frames)")
      ->type_name("IMAGE|DIR|-");
  sub->add_option("--isas", c.isas,
                  "Kernel variants of the sources, and those that they build upon (default: all)")
      ->delimiter(',')
      ->check(CLI::IsMember(known_isas()))
      ->type_name("ISA,...");
  sub->add_option("--name", c.name,
                  "Prefix of the constant's names (default: from the output's name)")
      ->type_name("IDENTIFIER");
  sub->add_option("--kernel", c.kernel,
                  "Code image to put before the flash image; together they are a Raspberry Pi's "
                  "kernel8.img")
      ->type_name("CODE.img");
  sub->add_flag(
      "--stop", c.stop,
      "Make the board stop after these photos, not listen for more (flash image, frames)");
  add_json(sub, c.json);
  sub->callback([&] {
    action = [&] { return c.runtime.empty() ? emit_command(c) : emit_runtime_command(c), 0; };
  });
}

void add_isa(CLI::App& app, bool& json, std::function<int()>& action) {
  CLI::App* sub = app.add_subcommand(
      "isa", "List the kernel variants that this build has and this machine runs, best first");
  add_json(sub, json);
  sub->callback([&] { action = [&] { return isa_command(json), 0; }; });
}

// An empty value, as from an unset variable in a script ('--calib "$PHOTOS"'), must not count as an
// option that was left out.
void refuse_empty_values(CLI::App& app) {
  const CLI::Validator not_empty(
      [](std::string& value) {
        return value.empty() ? std::string("an empty value") : std::string();
      },
      "");
  for (CLI::App* sub : app.get_subcommands({}))
    for (CLI::Option* option : sub->get_options())
      if (option->get_items_expected_max() > 0) option->check(not_empty);
}

// Streams, CLI11's own among them, keep memory that is refused to themselves, and the rest of the
// text is missing. This throws std::bad_alloc for them.
std::string help_text(const CLI::App& app, const CLI::ParseError& error) {
  static bool refused;
  refused = false;
  const std::new_handler before = std::set_new_handler([] {
    refused = true;
    throw std::bad_alloc();
  });
  std::ostringstream text;
  app.exit(error, text, text);
  std::set_new_handler(before);
  if (refused) throw std::bad_alloc();
  return text.str();
}

int report_usage(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<std::string> rest = app.remaining();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError) &&
      app.get_subcommands().empty() && !rest.empty()) {
    std::fprintf(stderr, "vitro: '%s' is not a sub-command; 'vitro --help' lists them\n",
                 shown(rest[0]).c_str());
    return kWrongUsage;
  }
  const bool help = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success);
  if (help) {
    std::fputs(help_text(app, error).c_str(), stdout);
  } else {
    std::fprintf(stderr, "%s\nRun with --help for more information.\n",
                 shown(error.what()).c_str());
  }
  flush_stdout();
  return help ? 0 : kWrongUsage;
}

}  // namespace

bool asks_for_json(int argc, char** argv) {
  return std::any_of(argv + std::min(1, argc), argv + argc, [](const char* argument) {
    return std::strcmp(argument, "--json") == 0 || std::strcmp(argument, "--jsonl") == 0;
  });
}

int parse_and_run(int argc, char** argv) {
  CLI::App app{"vitro: Vision Transformers in int8, the same bits on every CPU"};
  app.set_version_flag("--version",
                       "vitro " VITRO_VERSION_STRING "\nJPEG decoder: " + jpeg_decoder());
  app.require_subcommand(1);
  std::function<int()> action;
#ifdef VITRO_HAVE_CONVERTER
  ConvertCommand convert;
  add_convert(app, convert, action);
  bool families_json = false;
  add_families(app, families_json, action);
#endif
  InspectCommand inspect;
  RunCommand run;
  FeaturesCommand features;
  IndexCommand index;
  AttentionCommand attention;
  EvalCommand eval;
  BenchCommand bench;
  KeygenCommand keygen;
  SignCommand sign;
  VerifyCommand verify;
  EmitCommand emit;
  bool isa_json = false;
  add_inspect(app, inspect, action);
  add_run(app, run, action);
  add_features(app, features, action);
  add_index(app, index, action);
  add_attention(app, attention, action);
  add_eval(app, eval, action);
  add_bench(app, bench, action);
  add_keygen(app, keygen, action);
  add_sign(app, sign, action);
  add_verify(app, verify, action);
  add_emit(app, emit, action);
  add_isa(app, isa_json, action);
  refuse_empty_values(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = report_usage(app, error);
    if (code != 0 && asks_for_json(argc, argv)) refuse_in_json(error.what());
    return code;
  }
  const int code = action();
  if (threads_were_refused)
    std::fprintf(stderr, "vitro: not all threads could be started; fewer did the work\n");
  flush_stdout();
  return code;
}

}  // namespace vitro::host
