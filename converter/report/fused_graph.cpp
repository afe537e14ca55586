// SPDX-License-Identifier: Apache-2.0
#include "converter/report/fused_graph.h"

#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

const char* name_of(Epilogue epilogue) {
  switch (epilogue) {
    case Epilogue::None: return "";
    case Epilogue::Gelu: return "gelu";
    case Epilogue::Silu: return "silu";
    case Epilogue::Add: return "add";
    case Epilogue::Tokens: return "tokens";
    case Epilogue::Half: return "half";
    case Epilogue::Average: return "average";
  }
  return "";
}

}  // namespace

std::vector<FusedRow> describe(const Graph& graph, const FusedGraph& fused) {
  std::vector<FusedRow> rows;
  for (const FusedNode& f : fused.nodes) {
    FusedRow row;
    if (f.step != kNone) row.step = fused.steps[f.step].name;
    row.name = f.name;
    row.kind = f.is_conversion ? (f.format == schema::Format::S16 ? "rescale" : "quantise")
                               : type_of(graph.nodes[f.node]).name;
    row.format = schema::EnumNameFormat(f.format);
    row.epilogue = name_of(f.epilogue);
    if (f.stream != kNone) row.stream = fused.streams[f.stream].name;
    row.place = f.in_place                              ? "in place"
                : f.storage == schema::Storage::Scratch ? "scratch"
                                                        : "arena";
    row.rows = f.rows;
    row.cols = f.cols;
    row.inputs = f.inputs;
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace vitro::converter
