// SPDX-License-Identifier: Apache-2.0
// The tool's sub-commands: what each is told on the command line, and the function that does it.
// They print their own results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "converter/base/error.h"
#include "converter/base/preprocessing.h"
#include "platforms/host/family_arguments.h"
#include "platforms/host/inference.h"

namespace vitro::host {

/// Options that no command can follow. Exit code 2.
struct UsageError : InputError {
  using InputError::InputError;
};

/// File names and labels may be in any encoding: what is not UTF-8 is printed as U+FFFD, and what
/// steers a terminal escaped. indent: -1 puts all on one line.
std::string json_of(const nlohmann::ordered_json& value, int indent);
void print_json(const nlohmann::ordered_json& object);
/// As printf has it: what a command is going to print is put together before its files take their
/// places, since memory may be refused until then and must not matter afterwards.
__attribute__((format(printf, 1, 2))) std::string formatted(const char* format, ...);
/// Prints such text. `json`: it is the command's object.
void print_text(const std::string& text, bool json);

/// Says that stdout has the command's JSON from here on, so that refuse_in_json() does nothing.
void json_begins();
/// {"error": message} on stdout: whoever asked for JSON gets an object of a refusal, too. The
/// second takes no memory; its message has nothing that JSON would escape.
void refuse_in_json(const std::string& message);
void refuse_in_json_without_memory(const char* message) noexcept;

/// Throws InputError where stdout has no room, or nobody reads it.
void check_stdout();
void flush_stdout();

/// Before the work, not after it: throws InputError where a file cannot be written there, is one of
/// the inputs, or was read already, UsageError where two are the same or one is called "-". Empty
/// names are none.
void check_outputs(const std::vector<std::string>& outputs, const std::vector<std::string>& inputs);

/// What says how a model is read, as it stands on the command line; empty or 0: as the model's own
/// files say.
struct ModelArguments {
  std::string state;
  std::string resize, resize_mode, filter, crop_rounding, fill, orientation, rescale, mean, std;
  PixelSize image_size;  // 0: as the model's own files say
  FamilyArguments family;
  std::string lora, prompts;
};

struct ConvertCommand {
  std::string checkpoint, output, calibration, save_calibration, labels, report;
  std::string activations = "dynamic";
  std::vector<std::string> also;  // outputs beside the model's own
  ModelArguments model;
  size_t threads = 0;
  uint64_t arena_budget = 0;
  bool json = false;
};
void convert_command(const ConvertCommand& command);

/// Either a program or, of builds with a converter, what convert takes: `graph`.
struct InspectCommand {
  std::string model, graph;
  std::string activations = "dynamic";  // these two of a graph
  ModelArguments arguments;
  bool json = false;
};
void inspect_command(const InspectCommand& command);
void inspect_graph_command(const InspectCommand& command);

struct RunCommand {
  std::string model;
  std::vector<std::string> images;
  std::string gallery, vote = "weighted";  // weighted or plain
  size_t neighbours = 20;
  std::string csv, logits;           // to be written
  std::vector<std::string> outputs;  // NAME=FILE.npy
  bool values = false;               // of the outputs, in JSON
  size_t top = 5;
  RunOptions options;
  bool json = false, json_lines = false;
};
/// False when some of several pictures could not be read.
bool run_command(const RunCommand& command);

struct FeaturesCommand {
  std::string model, output, name;  // name: of the program's output; empty: feature_output.h
  std::vector<std::string> images;
  bool unit_length = false, json = false;
  RunOptions options;
};
/// False when some photos could not be read.
bool features_command(const FeaturesCommand& command);

struct IndexCommand {
  std::string folder, model, output, labels, name;  // name: as FeaturesCommand's
  bool json = false;
  RunOptions options;
};
/// False when some photos could not be read.
bool index_command(const IndexCommand& command);

struct AttentionCommand {
  std::string model, image, output;
  std::optional<size_t> block;  // of those whose attention the program gives; none: the last
  std::string head = "mean";    // a number, "mean" or "all"
  bool rollout = false, json = false;
  RunOptions options;
};
void attention_command(const AttentionCommand& command);

struct EvalCommand {
  std::string model, images, labels, class_names, expect, reference, taxonomy;
  std::string csv, confusion, report;  // to be written
  PixelSize image_size;                // 0: as the model's own files say
  FamilyArguments family;
  std::string lora, prompts;
  bool per_class = false, json = false;
  RunOptions options;
};
/// False when some photos could not be read.
bool eval_command(const EvalCommand& command);

struct BenchCommand {
  std::string model, trace;
  std::vector<std::string> compare;  // two files of --json, instead of a model
  size_t runs = 0;                   // 0: about two seconds
  bool profile = false, json = false;
  RunOptions options;
};
void bench_command(const BenchCommand& command);

struct KeygenCommand {
  std::string name;  // of NAME.key and NAME.pub
  bool json = false;
};
void keygen_command(const KeygenCommand& command);

struct SignCommand {
  std::string model, key, output;
  uint64_t counter = 0;
  bool json = false;
};
void sign_command(const SignCommand& command);

struct VerifyCommand {
  std::string model, key;      // key: empty, or a file of who must have signed
  uint64_t least_counter = 0;  // with a key
  RunOptions options;
  bool json = false;
};
/// False when the golden vectors do not match.
bool verify_command(const VerifyCommand& command);

/// Exactly one of c_array, assembly, object, flash_image, frames and runtime.
struct EmitCommand {
  std::string model, output, name, kernel;
  std::string object;   // the machine
  std::string runtime;  // the folder
  std::vector<std::string> images, isas;
  bool c_array = false, assembly = false, flash_image = false, frames = false, stop = false;
  bool json = false;
};
void emit_command(const EmitCommand& command);
void emit_runtime_command(const EmitCommand& command);  // where `runtime` is given

void isa_command(bool json);

void families_command(bool json);

}  // namespace vitro::host
