// SPDX-License-Identifier: Apache-2.0
// Which weights a linear fetches while it multiplies. For linear/linear_avx512_vnni.cpp and
// linear/linear_avx_vnni.cpp alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/fetch_ahead.h"

namespace vitro {
namespace {

// How far ahead weights are fetched from L3, where a linear's fit into one group: the next linear's
// usually lie behind them.
constexpr size_t kAheadBytes = 48 * 1024;

// The weights that each tile fetches: as many as it multiplies, shared among the tiles of rows that
// multiply the same. With what else a step reads, they do not stay in L2 from one picture to the
// next, and those of more than one group not from one tile of rows to the next.
template <size_t TileRows, size_t TileColumns>
class WeightsAhead {
 public:
  using Fetch = FetchAhead<TileColumns / 32 ? 2 : 1>;

  WeightsAhead(const LinearArgs& args, size_t group_columns)
      : k_(args.k),
        first_(reinterpret_cast<uintptr_t>(args.weights) +
               (args.n > group_columns ? group_columns * args.k : kAheadBytes)),
        step_(TileColumns * 4 / ((args.m + TileRows - 1) / TileRows)) {}

  // May be beyond the end of all weights: a prefetch never faults.
  Fetch of(size_t m, size_t n) const {
    return {reinterpret_cast<const char*>(first_ + n * k_ + m / TileRows * (k_ / 4) * step_),
            step_};
  }

 private:
  size_t k_;
  uintptr_t first_;
  size_t step_;
};

}  // namespace
}  // namespace vitro
