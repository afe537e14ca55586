// SPDX-License-Identifier: Apache-2.0
// Kernels with all shapes and extreme numbers: every variant must write what the reference writes,
// and access nothing else. The input chooses the kernel, its shape and the kind of numbers; the
// numbers come from a generator, whose seed is in the input too.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/core/bounds.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law.h"
#include "tests/fuzz/kernels/checks.h"
#include "tests/fuzz/kernels/compare.h"

namespace vitro::fuzz {

namespace {

void check_rows(Input& in) {
  const bool norm = in.flag();
  const bool wide = in.below(64) == 0;
  const size_t m = in.from(1, wide ? 6 : 12), largest = wide ? kMaxNormCols : 130;
  const size_t dim = in.from(1, largest), kind = in.below(8);
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source;
  int16_t* const src = source.place_of<int16_t>(m * dim, edge);
  fill_rows(src, m * dim, dim, kind, c);
  const float epsilon = c.magnitude(kEpsilonRange.smallest, kEpsilonRange.largest);
  const float unit = c.magnitude(kScaleRange.smallest, kScaleRange.largest);
  Written& w = written();
  w.workspace.place(0, edge);
  compare(norm ? "layer_norm" : "quantise_rows", [&](const KernelTable& table) {
    auto* const dst = reinterpret_cast<int8_t*>(w.bytes.place(m * dim, edge));
    RowParams* const params = w.params.place_of<RowParams>(m, edge);
    std::memset(dst, 0xee, w.bytes.size());
    norm ? table.layer_norm({src, m, dim, epsilon, dst, params})
         : table.quantise_rows({src, m, dim, unit, dst, params});
  });
}

size_t bytes_of_linear(const LinearArgs& a) {
  const size_t heads = a.n / a.head_dim;
  switch (a.output) {
    case LinearOutput::f32: return a.m * a.n * 4;
    case LinearOutput::s8: return a.m * a.n;
    case LinearOutput::keys: return round_up(a.tokens, 16) * a.n;
    case LinearOutput::values: return round_up(a.head_dim, 16) * round_up(a.tokens, 4) * heads;
    default: return a.m * a.n * 2;
  }
}

void fill_channels(LinearArgs& a, Operand& channels, bool extreme, Choices& c) {
  const size_t count = round_up(a.n, 16);
  float* const scale = reinterpret_cast<float*>(channels.data());
  int32_t* const sums = reinterpret_cast<int32_t*>(scale + 2 * count);
  const float smallest = extreme ? kChannelRange.smallest : 0x1p-20f;
  for (size_t n = 0; n < count; ++n) {
    scale[n] = c.signed_magnitude(smallest, extreme ? kChannelRange.largest : 4.0f);
    scale[count + n] =
        c.one_in(4) ? 0 : c.signed_magnitude(smallest, extreme ? kChannelRange.largest : 1e4f);
    sums[n] = 0;
    for (size_t k = 0; k < a.k; ++k) sums[n] += a.weights[law::weight_offset(a.k, n, k)];
  }
  a.scale = scale;
  a.bias = scale + count;
  a.weight_sum = sums;
}

// As the law has those of a static linear.
void make_exact(LinearArgs& a, Operand& channels, Choices& c) {
  float* const scale = reinterpret_cast<float*>(channels.data());
  const size_t count = round_up(a.n, 16);
  for (size_t n = 0; n < count; ++n) {
    int64_t units = c.one_in(2) ? c.between(1, 1000) : int64_t{1} << c.between(0, 23);
    if (c.one_in(8)) units = c.between(1, 1 << 23);
    const int64_t room = (int64_t{1} << (24 + __builtin_ctzll(static_cast<uint64_t>(units)))) -
                         (int64_t{128} << 16),
                  most = std::max<int64_t>(std::min<int64_t>(room, 1 << 30) / units, 0);
    scale[n] = static_cast<float>(units) / 65536.0f;
    scale[count + n] = static_cast<float>(c.between(-most, most)) * scale[n];
  }
  a.is_static = true;
}

LinearArgs linear_shape(Input& in) {
  LinearArgs a{};
  const bool deep = in.below(64) == 0;
  a.output = static_cast<LinearOutput>(in.below(7));
  a.m = in.from(1, deep ? 3 : 14);
  a.k = 4 * in.from(1, deep ? kMaxDepth / 4 : in.below(16) == 0 ? 200 : 12);
  a.n = a.head_dim = in.from(1, deep ? 20 : in.below(8) == 0 ? 90 : 34);
  if (a.output == LinearOutput::keys || a.output == LinearOutput::values) {
    a.head_dim = 4 * in.from(1, in.below(6) == 0 && !deep ? kLargestHead / 4 : 18);
    a.n = a.head_dim * in.from(1, deep ? 1 : 3);
  }
  a.tokens = a.m + in.below(40);
  a.first_token = in.below(a.tokens - a.m + 1);
  a.fraction_bits = static_cast<uint8_t>(in.from(kMinGeluFraction, kMaxGeluFraction));
  a.dst_stride = a.n;
  return a;
}

void check_linear(Input& in) {
  LinearArgs a = linear_shape(in);
  const bool extreme = in.flag(), alike = in.flag(), in_place = in.flag();
  const bool added =
      a.output == LinearOutput::residual || (a.output == LinearOutput::f32 && in.flag());
  const size_t values = in.below(6), weights = in.below(6), count = round_up(a.n, 16);
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand source, rows, packed, channels, addend;
  a.src = reinterpret_cast<int8_t*>(source.place(a.m * a.k, edge));
  fill_bytes(source.data(), source.size(), -128, values, c);
  a.weights = reinterpret_cast<int8_t*>(packed.place(count * a.k, edge));
  fill_bytes(packed.data(), packed.size(), -127, weights, c);
  channels.place(count * 12, edge);
  fill_channels(a, channels, extreme, c);
  if (alike && (a.output == LinearOutput::s8 || a.output == LinearOutput::keys ||
                a.output == LinearOutput::values))
    make_exact(a, channels, c);
  RowParams* const params = rows.place_of<RowParams>(a.m, edge);
  for (size_t i = 0; i < a.m; ++i)
    params[i] = {
        alike ? 1.0f : c.magnitude(extreme ? 0x1p-38f : 0x1p-14f, extreme ? 0x1p38f : 64),
        alike && i > 0 ? params[0].zero_point : static_cast<int32_t>(c.between(-128, 127))};
  a.src_rows = params;
  const size_t bytes = bytes_of_linear(a);
  addend.place(added ? bytes : 0, edge);
  fill_any(addend, c);
  if (a.output == LinearOutput::f32)
    for (size_t i = 0; i < addend.size() / 4; ++i)
      reinterpret_cast<float*>(addend.data())[i] = c.signed_magnitude(0x1p-40f, 0x1p40f);
  Written& w = written();
  w.params.place(0, edge);
  w.workspace.place(0, edge);
  compare("linear", [&](const KernelTable& table) {
    a.dst = w.bytes.place(bytes, edge);
    std::memset(a.dst, 0xee, bytes);
    if (added && in_place) std::memcpy(a.dst, addend.data(), bytes);
    a.addend = !added ? nullptr : in_place ? a.dst : addend.data();
    table.linear(a);
  });
}

AttentionArgs attention_shape(Input& in) {
  AttentionArgs a{};
  const bool many = in.below(1000) == 0;
  a.heads = in.from(1, many ? 1 : 2);
  a.head_dim = 4 * in.from(1, many ? 3 : in.below(32) == 0 ? kLargestHead / 4 : 9);
  a.value_dim = in.below(3) == 0 ? 4 * in.from(1, 9) : a.head_dim;
  a.shared_keys = in.below(4) == 0;
  a.shared_values = in.below(4) == 0;
  a.tokens = many ? kMaxTokens - in.below(kMaxTokens) : in.from(1, in.below(16) == 0 ? 400 : 40);
  a.m = in.from(1, many || a.tokens * a.head_dim > 8192 ? 9 : 12);
  return a;
}

// Writes keys and values row by row; after the last token there are arbitrary numbers.
void fill_tokens(const AttentionArgs& a, Operand& to, bool keys, size_t kind, Choices& c) {
  const size_t dim = keys ? a.head_dim : a.value_dim;
  std::vector<uint8_t> row((keys ? a.shared_keys : a.shared_values) ? dim : a.heads * dim);
  for (size_t token = 0; token < a.tokens; ++token) {
    if (kind != 5 || token == 0 ||
        c.one_in(40))  // 5: nearly all are equal, so that many have the highest score
      fill_bytes(row.data(), row.size(), -127, kind, c);
    for (size_t col = 0; col < row.size(); ++col)
      to.data()[keys ? law::keys_offset(a.tokens, dim, token, col)
                     : law::values_offset(a.tokens, dim, token, col)] = row[col];
  }
}

// A bias, regions, or both; none for some.
const ScoreTerms* terms_of(const AttentionArgs& a, const Edge edge, Choices& c) {
  static Operand bias, shifts, regions;
  static ScoreTerms terms;
  if (a.tokens > 400 || c.one_in(2)) return nullptr;
  terms = {};
  const bool in_regions = a.m <= a.tokens && c.one_in(2);
  terms.queries = in_regions ? a.tokens : a.m + c.below(5);
  terms.first_query = c.below(terms.queries - a.m + 1);
  if (!in_regions || c.one_in(2)) {
    const size_t count = a.heads * terms.queries * round_up(a.tokens, 16);
    int16_t* const values = bias.place_of<int16_t>(count, edge);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<int16_t>(c.between(-32768, 32767));
    terms.bias = values;
    terms.bias_shift = shifts.place(a.heads, edge);
    for (size_t h = 0; h < a.heads; ++h)
      shifts.data()[h] = static_cast<uint8_t>(c.below(kLargestBiasShift + 1));
  }
  if (in_regions) {
    uint8_t* const values = regions.place(a.tokens, edge);
    for (size_t j = 0; j < a.tokens; ++j) values[j] = static_cast<uint8_t>(c.below(3));
    terms.regions = values;
  }
  return &terms;
}

void check_attention(Input& in) {
  AttentionArgs a = attention_shape(in);
  const size_t query_kind = in.below(6), key_kind = in.below(7), value_kind = in.below(7);
  const bool largest = in.below(4) == 0;
  const Edge edge = in.edge();
  Choices c(in.seed());
  static Operand queries, keys, values, scales;
  const size_t dim = a.heads * a.head_dim;
  a.q = reinterpret_cast<int8_t*>(queries.place(a.m * dim, edge));
  fill_bytes(queries.data(), queries.size(), -128, query_kind, c);
  a.keys = reinterpret_cast<int8_t*>(
      keys.place(round_up(a.tokens, 16) * (a.shared_keys ? a.head_dim : dim), edge));
  a.values = reinterpret_cast<int8_t*>(values.place(
      round_up(a.value_dim, 16) * round_up(a.tokens, 4) * (a.shared_values ? 1 : a.heads), edge));
  a.terms = terms_of(a, edge, c);
  fill_any(keys, c);
  fill_any(values, c);
  fill_tokens(a, keys, true, key_kind, c);
  fill_tokens(a, values, false, value_kind, c);
  float* const scale = scales.place_of<float>(a.heads, edge);
  const bool regions = a.terms && a.terms->regions;
  const float columns = static_cast<float>(a.head_dim + (regions   ? kRegionReach
                                                         : a.terms ? bias_reach(kLargestBiasShift)
                                                                   : 0));
  const float limit = kScoreScaleLimit / columns,
              least = regions ? kRegionScale : kScaleRange.smallest;
  for (size_t h = 0; h < a.heads; ++h) {
    scale[h] = largest ? limit : c.magnitude(least, limit);
    if (scale[h] * columns > kScoreScaleLimit) scale[h] = limit / 2;
  }
  a.score_scale = scale;
  Written& w = written();
  w.params.place(0, edge);
  compare("attention", [&](const KernelTable& table) {
    a.dst = w.bytes.place_of<int16_t>(a.m * a.heads * a.value_dim, edge);
    std::memset(a.dst, 0xee, w.bytes.size());
    a.workspace = w.workspace.place(attention_workspace_bytes(a.tokens), edge);
    std::memset(a.workspace, static_cast<int>(c.next() & 255), w.workspace.size());
    table.attention(a);
  });
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  using namespace vitro::fuzz;
  Input in(data, size);
  switch (in.below(12)) {
    case 0: check_rows(in); break;
    case 1: check_linear(in); break;
    case 2: check_attention(in); break;
    case 3: check_affine(in); break;
    case 4: check_multiply(in); break;
    case 5: check_rotate_pairs(in); break;
    case 6: check_norm(in); break;
    case 7: check_head_norm(in); break;
    case 8: check_rollout(in); break;
    case 9: check_statics(in); break;
    case 10: check_lookup(in); break;
    default: check_silu(in);
  }
  return 0;
}
