// A function of one int8 by table, some columns by one and some by another: GELU between static linears, whose columns differ in scale.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

OpOperands operands(const void* args, const schema::Program&) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  return {{a.src(), -1, -1, -1}, a.dst(), 0, 0};
}

bool verify_tables(Checker& checker, const schema::Lookup& a, uint64_t cols) {
  if (!checker.constants(a.tables(), uint64_t{a.table_count()} * 256, 64) || !checker.constants(a.columns(), cols, 64)) return false;
  const uint8_t* columns = checker.constant_data(a.columns());
  for (uint64_t c = 0; c < cols; ++c)
    if (columns[c] >= a.table_count()) return checker.fail("a lookup in a table that is not there");
  return true;
}

bool verify(Checker& checker, const void* args) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  const schema::Tensor* src = checker.row_source(a.src(), schema::Format::S8);
  const schema::Tensor* dst = src ? checker.row_destination(a.dst()) : nullptr;
  return dst && checker.check(dst->format() == schema::Format::S8 && dst->cols() == src->cols(), "lookup into another shape") &&
         verify_tables(checker, a, dst->cols());
}

void run(const BoundOp& op, const Tile& tile) {
  const BoundLookup& a = op.lookup;
  const uint8_t* src = a.src.at(tile);
  uint8_t* dst = a.dst.at(tile);
  for (size_t r = 0; r < tile.rows; ++r, src += a.dim, dst += a.dim)
    for (size_t c = 0; c < a.dim; ++c) dst[c] = a.tables[a.columns[c] * size_t{256} + (src[c] ^ 0x80u)];
}

void bind(const Binder& binder, const void* args, BoundOp& op) {
  const auto& a = *static_cast<const schema::Lookup*>(args);
  op.run = run;
  op.lookup = {binder.operand(a.src()), binder.operand(a.dst()), binder.constant(a.tables()), binder.constant(a.columns()), binder.tensor(a.src()).cols()};
}

}  // namespace

const OpType kLookup = {verify, bind, operands};

}  // namespace vitro
