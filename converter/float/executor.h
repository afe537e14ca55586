// SPDX-License-Identifier: Apache-2.0
// Executes a float graph in float32: truth for calibration and evaluation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

class FloatExecutor {
 public:
  /// Sees the value of a node, [rows, cols] row-major, right after it was computed.
  using Observer = std::function<void(size_t node, const float* value)>;

  /// `graph` must outlive the executor. One executor serves one thread; several may share a graph.
  explicit FloatExecutor(const Graph& graph);
  ~FloatExecutor();
  FloatExecutor(const FloatExecutor&) = delete;
  FloatExecutor& operator=(const FloatExecutor&) = delete;

  /// pixels: image_height x image_width x 3, uint8 RGB. Returns the values of the graph's outputs,
  /// each [rows, cols] row-major.
  std::vector<std::vector<float>> run(const uint8_t* pixels, const Observer& observe = nullptr);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitro::converter
