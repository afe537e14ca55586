// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/layout.h"

namespace vitro {

uint64_t row_bytes(schema::Format format, uint64_t cols) {
  switch (format) {
    case schema::Format::U8:
    case schema::Format::S8:
    case schema::Format::RowS8: return cols;
    case schema::Format::S16: return cols * 2;
    case schema::Format::F32: return cols * 4;
    default: return 0;
  }
}

uint64_t tensor_bytes(schema::Format format, uint64_t rows, uint32_t cols, uint32_t heads) {
  switch (format) {
    case schema::Format::RowS8: return row_params_offset(rows, cols) + rows * sizeof(RowParams);
    case schema::Format::Keys: return align_up(rows, 16) * (cols / heads) * heads;
    case schema::Format::Values: return align_up(cols / heads, 16) * align_up(rows, 4) * heads;
    default: return rows * row_bytes(format, cols);
  }
}

uint64_t group_bytes(const schema::Tensor& t) {
  return tensor_bytes(t.format(), group_rows(t), t.cols(), t.heads());
}

uint64_t tensor_bytes(const schema::Tensor& t) { return t.groups() * group_bytes(t); }

}  // namespace vitro
