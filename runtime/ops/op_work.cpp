// SPDX-License-Identifier: Apache-2.0
// What a run costs, op by op: for the verifier, which bounds it, and for vitro_work.
#include "runtime/ops/ops.h"

namespace vitro {

namespace {

uint64_t bytes_of(const schema::Program& program, const Source& source, uint64_t rows) {
  if (source.tensor < 0) return 0;
  const schema::Tensor& t = *program.tensors()->Get(static_cast<unsigned>(source.tensor));
  const bool packed = t.format() == schema::Format::Keys || t.format() == schema::Format::Values;
  if (source.reads == Reads::parts) return packed ? 0 : tensor_bytes(t);
  const uint64_t params = t.format() == schema::Format::RowS8 ? sizeof(RowParams) : 0;
  return rows * (packed ? t.cols() : row_bytes(t.format(), t.cols()) + params);
}

}  // namespace

vitro_work_info work_of(const schema::Op& op, const schema::Step& step,
                        const schema::Program& program) {
  const uint32_t rows = step.rows(), tile_rows = step.tile_rows(),
                 tiles = (rows + tile_rows - 1) / tile_rows;
  const OpType& type = *op_type(op.args_type());
  const OpOperands operands = type.operands(op.args(), program);
  vitro_work_info work = {0, bytes_of(program, {operands.destination}, rows), tiles};
  for (const Source& source : operands.sources) work.bytes += bytes_of(program, source, rows);
  if (!type.cost) return work;
  const OpCost cost = type.cost(op.args(), program, {rows, tile_rows, tiles});
  work.macs = cost.row_macs * rows;
  work.bytes += cost.tile_bytes * tiles + cost.packed_bytes;
  return work;
}

}  // namespace vitro
