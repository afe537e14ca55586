// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "runtime/kernels/tiles/packed_heads.h"
#include "runtime/ops/linear.h"

namespace vitro {

namespace {

// scale and bias in units of 2^-16 are integers, the bias a whole number of scales, and what is
// within 128 of the bias has 24 bits.
bool exact(float scale, float bias) {
  const float s = scale * 65536.0f, b = bias * 65536.0f;
  if (!(s >= 1.0f && s <= 8388608.0f && b >= -1073741824.0f && b <= 1073741824.0f)) return false;
  const int32_t units = static_cast<int32_t>(s), offset = static_cast<int32_t>(b);
  if (static_cast<float>(units) != s || static_cast<float>(offset) != b || offset % units != 0)
    return false;
  const uint64_t magnitude = static_cast<uint64_t>(offset < 0 ? -int64_t{offset} : int64_t{offset});
  return magnitude + (uint64_t{128} << 16) <=
         uint64_t{1} << (24 + __builtin_ctz(static_cast<unsigned>(units)));
}

// A row-major tile to where kernels would have put it.
void pack_keys(const BoundLinear& a, const RowTile& tile, const int8_t* src) {
  int8_t* dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  for (size_t row = tile.first; row < tile.first + tile.rows; ++row) {
    const uint32_t group = static_cast<uint32_t>(row) / a.tokens;
    const size_t token = row - group * size_t{a.tokens};
    int8_t* to = VITRO_KEY_TOKEN(dst + group * size_t{a.group_bytes}, token, a.head_dim);
    for (size_t head = 0; head < a.n / a.head_dim;
         ++head, to += VITRO_KEY_HEAD_BYTES(size_t{a.tokens}, a.head_dim))
      for (size_t d = 0; d < a.head_dim; d += 4, src += 4) memcpy(VITRO_KEY_COLUMN(to, d), src, 4);
  }
}

void pack_values(const BoundLinear& a, const RowTile& tile, const int8_t* src) {
  int8_t* dst = reinterpret_cast<int8_t*>(a.dst.at(tile));
  const size_t quads = VITRO_VALUE_QUADS(a.tokens),
               head_bytes = VITRO_VALUE_HEAD_BYTES(a.head_dim, quads);
  for (size_t row = tile.first; row < tile.first + tile.rows; ++row) {
    const uint32_t group = static_cast<uint32_t>(row) / a.tokens;
    const size_t token = row - group * size_t{a.tokens};
    int8_t* to = VITRO_VALUE_TOKEN(dst + group * size_t{a.group_bytes}, token);
    for (size_t head = 0; head < a.n / a.head_dim; ++head, to += head_bytes)
      for (size_t d = 0; d < a.head_dim; ++d) *VITRO_VALUE_COLUMN(to, d, quads) = *src++;
  }
}

bool run_elsewhere(const BoundLinear& a, const RowTile& tile) {
  const vitro_config& config = *tile.config;
  if (!config.static_linear) return false;
  const bool by_rows = a.output == LinearOutput::s8;
  const vitro_linear_call call = {tile.step,
                                  tile.op,
                                  tile.thread,
                                  tile.rows,
                                  reinterpret_cast<const int8_t*>(a.src.at(tile)),
                                  by_rows ? reinterpret_cast<int8_t*>(a.dst.at(tile)) : nullptr};
  const int8_t* outputs = config.static_linear(config.static_linear_context, &call);
  if (!outputs) return false;
  if (a.output == LinearOutput::keys) pack_keys(a, tile, outputs);
  if (a.output == LinearOutput::values) pack_values(a, tile, outputs);
  return true;
}

}  // namespace

bool verify_static_channels(Checker& checker, const float* scale, const float* bias, uint64_t n) {
  for (uint64_t i = 0; i < n; ++i)
    if (!exact(scale[i], bias[i]))
      return checker.fail("the scale or bias of a static linear is not exact");
  return true;
}

void run_static_linear(const BoundLinear& a, const RowTile& tile) {
  if (run_elsewhere(a, tile)) return;
  RowParams params[kLargestTile];
  for (RowParams& row : params) row = {1.0f, a.zero_point};
  call_linear_kernel(a, tile, params, kLargestTile);
}

}  // namespace vitro
