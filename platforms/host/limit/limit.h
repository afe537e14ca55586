// SPDX-License-Identifier: Apache-2.0
// The machine's own limit: exact multiply-accumulates of int8 per second from registers, nothing
// loaded or stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "platforms/host/thread_pool.h"

namespace vitro {

/// MAC per second of a pool's threads at once, as many as there are processors for, with the
/// instructions of a kernel variant. 0 for an unknown one.
double measure_limit(const std::string& isa, host::ThreadPool& pool);

// One function for each variant of kernels.def: `rounds` rounds of independent accumulators.
// Returns the MACs done; `sink` keeps the compiler honest.
#define VITRO_ISA(isa)                           \
  namespace isa {                                \
  uint64_t spin(uint64_t rounds, int32_t* sink); \
  }
#include "runtime/kernels/kernels.def"

}  // namespace vitro
