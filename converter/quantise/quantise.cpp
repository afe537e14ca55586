// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/quantise.h"

#include "converter/passes/fuse.h"
#include "converter/passes/lower.h"
#include "converter/passes/rotate.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace {

Quantised walk(Graph graph, const Pictures& pictures, Calibration calibration, size_t threads,
               const Progress& progress) {
  Quantised out;
  out.graph = std::move(graph);
  out.calibration = std::move(calibration);
  std::vector<ColumnStatistics> statistics = out.calibration.statistics;
  centre_attention(out.graph, statistics);
  const FusedGraph fused = fuse(out.graph, out.calibration.static_scales);
  Lowering lowering({out.graph, fused, pictures, statistics, out.calibration, threads});
  lower(lowering, progress);
  out.draft = std::move(lowering.draft);
  out.taps = std::move(lowering.taps);
  return out;
}

}  // namespace

Quantised quantise(Graph graph, const Pictures& pictures, bool static_scales, size_t threads,
                   const Progress& progress) {
  rotate(graph);
  Calibration calibration{pictures.size(),
                          static_scales,
                          collect_statistics(graph, pictures, threads, progress),
                          {},
                          {}};
  return walk(std::move(graph), pictures, std::move(calibration), threads, progress);
}

Quantised quantise(Graph graph, Calibration calibration, size_t threads, const Progress& progress) {
  rotate(graph);
  return walk(std::move(graph), {}, std::move(calibration), threads, progress);
}

}  // namespace vitro::converter
