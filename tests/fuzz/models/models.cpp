// SPDX-License-Identifier: Apache-2.0
// Whole models: files of weights are read, built into the graph of their family, and folded.
// container.h says how inputs stand for files.
#include "converter/base/error.h"
#include "converter/passes/fold.h"
#include "models/families.h"
#include "models/model.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/weights/container.h"

namespace vitro::fuzz {

namespace {

// What most files of weights do not say, where their family wants to know it: small models have
// few heads, and no file says the rest.
converter::NamedValues usual_values(const std::string& path) {
  static const std::map<std::string, std::string> usual{
      {"heads", "2"}, {"activation", "gelu"}, {"window", "4"}, {"stride", "3"}};
  converter::NamedValues values;
  for (const converter::FamilySetting& setting :
       converter::family_of(converter::read_checkpoint(path)).settings)
    if (const auto known = usual.find(setting.name); known != usual.end())
      values[setting.name] = {known->second, "given"};
  return values;
}

// Returns whether the model was built.
bool build(const std::string& path, const converter::NamedValues& settings) {
  converter::ModelOptions options;
  options.settings = settings;
  // Windows are of any size of picture; that of today's models takes ten times as long.
  if (settings.count("window") != 0) options.adapters.image_size = {16, 16};
  try {
    converter::fold(converter::read_model(path, options).graph);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  static const Folder folder;
  const std::string path = write_weights(folder, text_of(data, size));
  if (build(path, {})) return 0;
  try {
    converter::NamedValues values = usual_values(path);
    // A gated MLP says its activation, and that is another.
    if (!build(path, values) && values.erase("activation") != 0) build(path, values);
  } catch (const InputError&) {
  }
  return 0;
}
