// SPDX-License-Identifier: Apache-2.0
// float_logits MODEL PIXELS VALUES.npy [OUTPUT [NAME=VALUE ...]]: runs a model in float32 on
// prepared pictures, and writes its first output, or the one named OUTPUT, to VALUES.npy.
// NAME=VALUE are settings as for vitro convert --set.
#include <cstdio>
#include <fstream>
#include <iterator>

#include "converter/base/npy.h"
#include "converter/float/executor.h"
#include "models/model.h"

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  try {
    vitro::converter::ModelOptions options;
    for (int i = 5; i < argc; ++i) {
      const std::string setting = argv[i], name = setting.substr(0, setting.find('='));
      options.settings[name] = vitro::converter::said(setting.substr(name.size() + 1), "--set");
    }
    const vitro::converter::Model model = vitro::converter::read_model(argv[1], options);
    const size_t bytes = vitro::picture_bytes(model.graph.preprocessing);
    std::ifstream file(argv[2], std::ios::binary);
    const std::vector<char> pixels{std::istreambuf_iterator<char>(file), {}};
    if (pixels.empty() || pixels.size() % bytes != 0)
      throw std::runtime_error("not whole pictures");
    vitro::converter::FloatExecutor executor(model.graph);
    const auto& outputs = model.graph.outputs;
    size_t index = 0;
    while (argc >= 5 && index < outputs.size() && outputs[index].name != argv[4]) ++index;
    if (index == outputs.size()) throw std::runtime_error("no such output");
    const vitro::converter::Node& node = model.graph.nodes[outputs[index].node];
    vitro::NpyWriter out(argv[3], {node.rows * node.cols});
    for (size_t at = 0; at < pixels.size(); at += bytes)
      out.append(executor.run(reinterpret_cast<const uint8_t*>(pixels.data()) + at)[index].data());
    out.finish();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "float_logits: %s\n", error.what());
    return 1;
  }
}
