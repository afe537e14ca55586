// SPDX-License-Identifier: Apache-2.0
// Which kernel variants this build has and this CPU runs.
#include <stddef.h>

#include "runtime/kernels/cpu.h"
#include "runtime/kernels/isas.h"
#include "runtime/kernels/kernels.h"

namespace vitro {

#define VITRO_ISA(isa)                             \
  namespace isa {                                  \
  void linear(const LinearArgs&);                  \
  void layer_norm(const LayerNormArgs&);           \
  void quantise_rows(const QuantiseRowsArgs&);     \
  void attention(const AttentionArgs&);            \
  void silu(const SiluArgs&);                      \
  void affine(const AffineArgs&);                  \
  void multiply(const MultiplyArgs&);              \
  void rotate_pairs(const RotatePairsArgs&);       \
  void norm(const NormArgs&);                      \
  void head_norm(const HeadNormArgs&);             \
  void static_norm(const StaticNormArgs&);         \
  void static_quantise(const StaticQuantiseArgs&); \
  void static_add(const StaticAddArgs&);           \
  void lookup(const LookupArgs&);                  \
  void add_softmax(const AddSoftmaxArgs&);         \
  }
#include "runtime/kernels/kernels.def"

namespace {

enum class Isa {
#define VITRO_INCLUDES(isa, base) isa,
#include "runtime/kernels/kernels.def"
  reference
};

constexpr Isa base_of(Isa isa) {
#define VITRO_INCLUDES(of, base) \
  if (isa == Isa::of) return Isa::base;
#include "runtime/kernels/kernels.def"
  return isa;
}

// A family's kernels of an ISA into its table.
#define VITRO_SET_linear(table, isa) table.linear = isa::linear
#define VITRO_SET_rows(table, isa) \
  table.layer_norm = isa::layer_norm, table.quantise_rows = isa::quantise_rows
#define VITRO_SET_attention(table, isa) table.attention = isa::attention
#define VITRO_SET_activation(table, isa) table.silu = isa::silu
#define VITRO_SET_elementwise(table, isa) table.affine = isa::affine, table.multiply = isa::multiply
#define VITRO_SET_rotation(table, isa) table.rotate_pairs = isa::rotate_pairs
#define VITRO_SET_norms(table, isa) table.norm = isa::norm, table.head_norm = isa::head_norm
#define VITRO_SET_statics(table, isa)                                                 \
  table.static_norm = isa::static_norm, table.static_quantise = isa::static_quantise, \
  table.static_add = isa::static_add
#define VITRO_SET_lookup(table, isa) table.lookup = isa::lookup
#define VITRO_SET_rollout(table, isa) table.add_softmax = isa::add_softmax

// The kernels of the ISA that this one includes, and then its own in their place.
constexpr KernelTable kernels_of(Isa isa) {
  KernelTable table = isa == Isa::reference ? KernelTable{} : kernels_of(base_of(isa));
#define VITRO_KERNEL(family, of) \
  if (isa == Isa::of) VITRO_SET_##family(table, of);
#include "runtime/kernels/kernels.def"
  return table;
}

constexpr KernelTable table_of(Isa isa, const char* name, bool (*available)()) {
  KernelTable table = kernels_of(isa);
  table.isa = name;
  table.available = available;
  return table;
}

constexpr KernelTable kTables[] = {
#define VITRO_ISA(isa) table_of(Isa::isa, #isa, cpu_has_##isa),
#include "runtime/kernels/kernels.def"
};

}  // namespace

const KernelTable* kernel_table(size_t index) {
  for (const KernelTable& table : kTables)
    if (table.available() && index-- == 0) return &table;
  return nullptr;
}

}  // namespace vitro
