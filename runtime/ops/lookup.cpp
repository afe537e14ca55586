// SPDX-License-Identifier: Apache-2.0
// A function of one int8, as a table: GELU between static linears.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

constexpr uint64_t kTableBytes = 256;

struct Bound {
  LookupKernel kernel;
  Operand src, dst;
  const int8_t* table;
  uint32_t dim;
};

bool verify(Checker& checker, const schema::Lookup& a) {
  return checker.rows_to_rows(a.src(), schema::Format::S8, a.dst(), schema::Format::S8) &&
         checker.constants(a.table(), kTableBytes, 64);
}

void run(const Bound& a, const RowTile& tile) {
  a.kernel({reinterpret_cast<const int8_t*>(a.src.at(tile)), tile.rows * a.dim, a.table,
            reinterpret_cast<int8_t*>(a.dst.at(tile))});
}

Bound bind(const Binder& binder, const schema::Lookup& a) {
  return {binder.kernels.lookup, binder.operand(a.src()), binder.operand(a.dst()),
          reinterpret_cast<const int8_t*>(binder.constant(a.table())),
          binder.tensor(a.src()).cols()};
}

OpCost cost(const schema::Lookup&, const schema::Program&, const StepShape&) {
  return {0, kTableBytes};
}

}  // namespace

const OpType kLookup = TypedOp<schema::Lookup, Bound, row_wise<schema::Lookup, InPlace::yes>,
                               verify, bind, run, cost>::type;

}  // namespace vitro
