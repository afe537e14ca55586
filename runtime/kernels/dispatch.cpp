// SPDX-License-Identifier: Apache-2.0
// Which kernel variants this build has and this CPU runs.
#include <stddef.h>

#include "runtime/kernels/cpu.h"
#include "runtime/kernels/kernels.h"

namespace vitro {

#define VITRO_ISA(isa, linear_, rows_, attention_) \
  namespace isa {                                  \
  void linear(const LinearArgs&);                  \
  void layer_norm(const LayerNormArgs&);           \
  void quantise_rows(const QuantiseRowsArgs&);     \
  void attention(const AttentionArgs&);            \
  }
#include "runtime/kernels/kernels.def"
#undef VITRO_ISA

namespace {

constexpr KernelTable kTables[] = {
#define VITRO_ISA(isa, linear_, rows_, attention_) \
  {#isa,                                           \
   cpu_has_##isa,                                  \
   linear_::linear,                                \
   rows_::layer_norm,                              \
   rows_::quantise_rows,                           \
   attention_::attention},
#include "runtime/kernels/kernels.def"
#undef VITRO_ISA
};

}  // namespace

const KernelTable* kernel_table(size_t index) {
  for (const KernelTable& table : kTables)
    if (table.available() && index-- == 0) return &table;
  return nullptr;
}

}  // namespace vitro
