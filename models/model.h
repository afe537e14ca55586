// From what a user has, a folder or a file of weights, to a float graph with everything that decides its answer, and where each of it was read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"
#include "converter/graph/graph.h"

namespace vitro {

/// A value that decides the answer, for people and for the program's provenance.
struct Setting {
  std::string name, value, source;  // source: "config.json: num_attention_heads", "--heads", "shape of pos_embed", "assumed: 64 channels a head"
  bool assumed = false;
};

/// What the command line says; it overrides what the model's own files say. Empty or 0: not said.
struct ModelOptions {
  size_t heads = 0;
  float epsilon = 0;
  std::string state;  // of several sets of weights in one file, the one under this key or prefix
};

struct Model {
  Checkpoint checkpoint;
  Graph graph;                       // with its preprocessing
  std::vector<std::string> labels;   // empty, or one for each class
  std::vector<Setting> settings;
  std::vector<std::string> ignored;  // tensors that are known not to matter, by their names in the file
};

/// Throws InputError on anything that is missing, contradictory, or not to be computed; it names the file and the value.
Model read_model(const std::string& path, const ModelOptions& options);

}  // namespace vitro
