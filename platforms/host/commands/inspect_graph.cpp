// SPDX-License-Identifier: Apache-2.0
// vitro inspect --graph: what a model becomes, before anything is measured or quantised.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/graph/node_fault.h"
#include "converter/passes/fuse.h"
#include "converter/passes/pad.h"
#include "converter/passes/read_out.h"
#include "converter/report/fused_graph.h"
#include "platforms/host/commands/model_arguments.h"

namespace vitro::host {

using namespace converter;

void inspect_graph_command(const InspectCommand& command) {
  ModelOptions options = model_options(command.arguments);
  options.own_calibration = false;
  const Model model = read_model(command.graph, options);
  std::vector<FusedRow> rows;
  try {
    const Graph graph = pad(read_out(model.graph));
    rows = describe(graph, fuse(graph, command.activations == "static"));
  } catch (const NodeFault& fault) {
    throw InputError(model.checkpoint.path, fault.what(), fault.remedy);
  }
  if (command.json) {
    nlohmann::ordered_json nodes = nlohmann::ordered_json::array();
    for (const FusedRow& r : rows)
      nodes.push_back({{"step", r.step},
                       {"name", r.name},
                       {"kind", r.kind},
                       {"rows", r.rows},
                       {"cols", r.cols},
                       {"format", r.format},
                       {"epilogue", r.epilogue},
                       {"stream", r.stream},
                       {"place", r.place},
                       {"inputs", r.inputs}});
    print_json({{"file", model.checkpoint.path}, {"nodes", std::move(nodes)}});
    return;
  }
  std::printf("%4s  %-30s %-12s %12s  %-6s %-8s %-8s %-10s %s\n", "", "name", "kind", "shape",
              "format", "epilogue", "place", "stream", "reads");
  std::string step;
  for (size_t i = 0; i < rows.size(); ++i) {
    const FusedRow& r = rows[i];
    if (!r.step.empty() && r.step != step) std::printf("step %s\n", shown(step = r.step).c_str());
    const std::string shape = std::to_string(r.rows) + "x" + std::to_string(r.cols);
    std::string reads;
    for (const size_t input : r.inputs) reads += (reads.empty() ? "" : " ") + std::to_string(input);
    std::printf("%4zu  %-30s %-12s %12s  %-6s %-8s %-8s %-10s %s\n", i, shown(r.name).c_str(),
                r.kind.c_str(), shape.c_str(), r.format.c_str(), r.epilogue.c_str(),
                r.place.c_str(), shown(r.stream).c_str(), reads.c_str());
  }
}

}  // namespace vitro::host
