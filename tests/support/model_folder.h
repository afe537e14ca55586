// SPDX-License-Identifier: Apache-2.0
// Folders of models as transformers and timm write them, with seeded random weights.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/model.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace converter;

/// The temporary folder is the folder of a model.
class ModelFolderTest : public TemporaryFolderTest {
 protected:
  using TemporaryFolderTest::write;
  std::string write(const std::string& name, const nlohmann::json& json) const {
    return write(name, json.dump(1));
  }

  /// Writes weights of width 64 (two blocks, 16 pixels, patch 4, ten classes) to model.safetensors,
  /// and the config.json that belongs to them, merged with `more`.
  void hugging_face(const nlohmann::json& more = nlohmann::json::object(),
                    RandomVit vit = {}) const;
  void timm(const nlohmann::json& more = nlohmann::json::object(), const RandomVit& vit = {}) const;

  /// Writes the weights of a model in tests/models/reference, after a change, to model.safetensors.
  void reference_weights(
      const std::string& model,
      const std::function<void(Checkpoint&)>& change = [](Checkpoint&) {}) const;
  static std::string reference(const std::string& model) {
    return std::string(VITRO_REFERENCE_MODELS) + "/" + model;
  }

  Model read(const ModelOptions& options = {}) const { return read_model(path(), options); }
  /// Expects an InputError whose message has all of `words`.
  void expect_refused(const std::vector<std::string>& words,
                      const ModelOptions& options = {}) const;
};

/// "value | source" of the setting with that name; empty if there is none.
std::string setting_of(const Model& model, const std::string& name);

}  // namespace vitro
