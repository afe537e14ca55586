// SPDX-License-Identifier: Apache-2.0
// What stands between static linears.
#include <cstring>

#include "runtime/core/bounds.h"
#include "runtime/kernels/kernels.h"
#include "tests/fuzz/kernels/checks.h"
#include "tests/fuzz/kernels/compare.h"

namespace vitro::fuzz {

namespace {

int8_t* bytes(Written& w, size_t count, Edge edge) {
  auto* const dst = reinterpret_cast<int8_t*>(w.bytes.place(count, edge));
  std::memset(dst, 0xee, count);
  return dst;
}

// Mostly such that something saturates and something does not.
float scale_in(const FloatRange& range, float usual, Choices& c) {
  return c.one_in(4) ? c.magnitude(range.smallest, range.largest)
                     : c.magnitude(usual * 0x1p-6f, usual);
}

int8_t* fill_bytes(Operand& operand, size_t count, Edge edge, Choices& c) {
  auto* const values = reinterpret_cast<int8_t*>(operand.place(count, edge));
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<int8_t>(c.between(-128, 127));
  return values;
}

}  // namespace

void check_statics(Input& in) {
  const size_t which = in.below(3), kind = in.below(8);
  const bool wide = in.below(64) == 0, in_place = in.flag();
  const size_t m = in.from(1, 6), dim = in.from(1, wide ? kMaxNormCols : 130), count = m * dim;
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, bytes_source;
  int16_t* const src = source.place_of<int16_t>(count, edge);
  fill_rows(src, count, dim, kind, c);
  const int8_t* const q = fill_bytes(bytes_source, count, edge, c);
  const int32_t zero_point = c.between(-128, 127);
  const float epsilon = c.magnitude(kEpsilonRange.smallest, kEpsilonRange.largest),
              norm_scale = scale_in(kStaticNormScaleRange, 256, c),
              quantise_scale = scale_in(kStaticQuantiseScaleRange, 1, c),
              add_scale = scale_in(kStaticAddScaleRange, 512, c);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  if (which == 0)
    return compare("static_norm", [&](const KernelTable& table) {
      table.static_norm({src, m, dim, epsilon, norm_scale, zero_point, bytes(w, count, edge)});
    });
  if (which == 1)
    return compare("static_quantise", [&](const KernelTable& table) {
      table.static_quantise({src, count, quantise_scale, zero_point, bytes(w, count, edge)});
    });
  compare("static_add", [&](const KernelTable& table) {
    int16_t* const dst = w.bytes.place_of<int16_t>(count, edge);
    std::memset(dst, 0xee, count * 2);
    if (in_place) std::memcpy(dst, src, count * 2);
    table.static_add({q, in_place ? dst : src, count, add_scale, dst});
  });
}

void check_lookup(Input& in) {
  const size_t count = in.from(1, 400);
  const bool in_place = in.flag();
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, tables;
  const int8_t* const src = fill_bytes(source, count, edge, c);
  const int8_t* const table_of_values = fill_bytes(tables, 256, edge, c);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("lookup", [&](const KernelTable& table) {
    int8_t* const dst = bytes(w, count, edge);
    if (in_place) std::memcpy(dst, src, count);
    table.lookup({in_place ? dst : src, count, table_of_values, dst});
  });
}

}  // namespace vitro::fuzz
