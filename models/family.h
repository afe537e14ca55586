// SPDX-License-Identifier: Apache-2.0
// What a family of models is: how its checkpoints are recognised, and how a float graph is built
// from one. families.def lists them; nothing else names one.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "converter/base/setting.h"
#include "converter/checkpoint/checkpoint.h"
#include "converter/graph/graph.h"
#include "models/adapters/adapters.h"
#include "models/config/agreement.h"
#include "models/config/hugging_face.h"
#include "models/config/model_config.h"
#include "models/config/timm.h"
#include "models/names/names.h"
#include "models/names/tensors.h"

namespace vitro::converter {

/// Values by a setting's name, each with where it was said: "--heads", "--set pooling".
using NamedValues = std::map<std::string, Said<std::string>>;

/// A setting that this family has and others may not, given by --set NAME=VALUE.
struct FamilySetting {
  const char *name, *what;
};

/// What decides a graph beside the tensors.
struct FamilyOptions {
  ModelConfig config;       // what the model's own files say
  std::string config_path;  // config.json; empty where there is none
  AdapterOptions adapters;
  NamedValues given;  // by the command line; names are the family's
  /// What the saved calibration of weights with this SHA-256 says; empty where there is none.
  std::function<NamedValues(const std::string& weights_sha256)> saved;
};

struct FamilyModel {
  Graph graph;                  // its picture's size is settled, its preprocessing the usual one
  size_t frames = 1;            // one below another in the picture
  std::string image_size_from;  // what of the tensors tells the picture's size
  std::string usual_for = "ImageNet";  // whose preprocessing the graph's is
  bool own_classes = true;             // the labels of the model's config are those of its head
  NamedValues values;                  // of the family's settings: what a saved calibration keeps
  std::vector<Setting> settings;
  std::vector<std::string> warnings, ignored;

  /// A setting that people see; one that a saved calibration keeps, too.
  void show(const char* name, const Said<std::string>& value);
  void keep(const char* name, const Said<std::string>& value);
  void keep(const char* name, const Said<size_t>& value);
  void keep_epsilon(const Said<float>& epsilon);
  /// The number of heads, as deduce_heads found it of a width (heads.h).
  void keep_heads(const Said<size_t>& said, size_t heads, size_t width);
  void show(const ModelShapes& shapes);
};

struct Family {
  const char* name;
  const char* models;  // which of them are computed, for people
  std::vector<FamilySetting> settings;
  std::vector<HuggingFaceType> hugging_face;
  TimmArchitectures timm;
  const char* timm_names;  // those that `timm` knows, for people; empty: none
  const Naming& (*naming)();
  Recognition recognise(const Checkpoint& checkpoint) const {
    return recognise_names(checkpoint, naming());
  }
  /// Throws InputError on what is missing, superfluous, contradictory, or not computed.
  FamilyModel (*build)(const Checkpoint& checkpoint, const FamilyOptions& options);
};

/// The option first, then config, then a saved calibration, before what the config assumes.
template <typename T>
Said<T> settle(const Said<T>& option, const Said<T>& config, const Said<T>& saved) {
  if (option) return option;
  return config && (!config.assumed || !saved) ? config : saved;
}

/// A whole number, a number, one of several words. Empty where nothing of that name is said. Throw
/// InputError, naming the source, on any other value.
Said<size_t> whole_value(const NamedValues& values, const char* name, size_t low, size_t high);
Said<float> number_value(const NamedValues& values, const char* name, float low, float high);
Said<std::string> word_value(const NamedValues& values, const char* name,
                             const std::vector<std::string>& words);

/// What the tensors' names told, as settings.
void add_names(const Checkpoint& checkpoint, const NamesReport& names, FamilyModel& model);

/// What a family's `build` begins with: the tensors by canonical name, what those names told as
/// the model's first settings, and what is said of the settings that most families have.
struct FamilyStart {
  /// models: "CaiT", for sentences.
  FamilyStart(const Checkpoint& checkpoint, const FamilyOptions& options, const Naming& naming,
              std::string models);

  const FamilyOptions& options;
  const std::string models;
  NamesReport names;
  std::map<std::string, TensorView> views;
  NamedValues saved;
  FamilyModel model;

  /// Throw InputError where an adapter is given, or another size of pictures than that of the
  /// positions, with neither of which the models are computed; or those of them that are named.
  void refuse_adapters(const std::string& named = "") const;
  void refuse_image_size(const std::string& named = "") const;

  /// The epsilon of every LayerNorm; `usual` where nothing says.
  Said<float> epsilon(float usual) const;
  /// Empty where nothing says.
  Said<size_t> heads() const;
  /// Of the MLPs, by the model's config; gelu where it says nothing.
  Said<std::string> activation() const;
  /// The same of models that have no other. Throws InputError where the config says another.
  Said<std::string> only_gelu() const;
};

/// Of a family that timm does not have.
TimmArchitecture not_in_timm(const std::string& name);

}  // namespace vitro::converter
