// SPDX-License-Identifier: Apache-2.0
// Whole models: files of weights are read, built into the graph of their family, and folded.
// container.h says how inputs stand for files.
#include "converter/base/error.h"
#include "converter/passes/fold.h"
#include "models/model.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/weights/container.h"

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  using namespace vitro;
  static const fuzz::Folder folder;
  const std::string path = folder.write("weights.bin", fuzz::file_of(fuzz::text_of(data, size)));
  try {
    converter::fold(converter::read_model(path, {}).graph);
  } catch (const InputError&) {
  }
  return 0;
}
