// SPDX-License-Identifier: Apache-2.0
// The kernels' contracts: one Args struct each, the mathematics in core/arithmetic.md. No inline
// functions here: per-ISA objects include it.
//
// Every kernel is total: it returns nothing, allocates nothing and reads and writes only what its
// Args name. Pointers need only the alignment of their element type. m, k and n are never 0; k is a
// multiple of 4; rows of `dst` beyond m and columns beyond n are left as they were.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

// One for each row of a row-quantised tensor: value = scale * (q - zero_point).
struct RowParams {
  float scale;
  int32_t zero_point;
};

enum class LinearOutput : uint8_t { f32, s16, gelu, residual, s8, keys, values };

// dst[m][n] = requantise(src[m][k] x weights[n][k]).
struct LinearArgs {
  const int8_t* src;  // m rows, k apart
  const RowParams* src_rows;
  size_t m, k, n;

  const int8_t* weights;  // [ceil(n/16)][k/4][16][4]
  const float* scale;     // [n rounded up to 16], as bias and weight_sum
  const float* bias;
  const int32_t* weight_sum;  // sum over k of each output's weights

  LinearOutput output;
  uint8_t fraction_bits;  // gelu
  bool is_static;      // all rows have scale 1 and one zero point, and scale and bias are those of
                       // a static linear: the order of its float operations does not matter
  void* dst;           // rows dst_stride elements apart; keys, values: the whole packed tensor
  const void* addend;  // residual: int16, always; f32: float or null. Rows dst_stride elements
                       // apart. May be dst itself
  size_t dst_stride;

  // keys, values: where row 0 of src goes in the packed tensor of `tokens` rows, whose n columns
  // are heads of head_dim.
  size_t first_token, tokens, head_dim;
};

struct LayerNormArgs {
  const int16_t* src;  // m rows of dim
  size_t m, dim;
  float epsilon;
  int8_t* dst;  // m rows of dim
  RowParams* dst_rows;
};

struct QuantiseRowsArgs {
  const int16_t* src;  // m rows of dim
  size_t m, dim;
  float unit;   // real value of one unit of src
  int8_t* dst;  // m rows of dim
  RowParams* dst_rows;
};

// Rows of queries that attention may treat at once; its workspace holds their scores, int32,
// which the weights overwrite.
constexpr size_t kAttentionRows = 8;

// Bytes of workspace: kAttentionRows * (tokens rounded up to 16) * 4, a multiple of 64.
constexpr size_t attention_workspace_bytes(size_t tokens) {
  return kAttentionRows * ((tokens + 15) / 16 * 16) * 4;
}

// No score difference times its scale reaches 2^31, where the ISAs' conversions to int32 differ.
constexpr float kScoreScaleLimit = 65535.0f;

constexpr size_t kLargestHead = 512;  // head_dim and value_dim of attention

// The score of a key in another region than the query's: so far below all others that such a key
// weighs nothing.
constexpr int32_t kOtherRegion = -(1 << 26);
// With regions, a score scale by which every distance to kOtherRegion is at least the law's 30719.
constexpr float kRegionScale = 0x1p-10f;
constexpr unsigned kLargestBiasShift = 9;  // so that no score leaves +-2^25

// What a score has beside q k^T.
struct ScoreTerms {
  const int16_t* bias;        // [head][queries][tokens rounded up to 16], or null
  const uint8_t* bias_shift;  // [heads], at most kLargestBiasShift
  const uint8_t* regions;     // [tokens], of keys and queries, or null
  size_t queries;             // with their bias; with regions as many as tokens
  size_t first_query;         // which of them row 0 of q is
};

struct AttentionArgs {
  const int8_t* q;  // m rows of heads * head_dim
  size_t m;
  const int8_t*
      keys;  // [head][ceil(tokens/16)][head_dim/4][16][4]; tokens beyond the last hold anything
  const int8_t* values;             // [head][ceil(value_dim/16)][ceil(tokens/4)][16][4]; likewise
  size_t tokens, heads, head_dim;   // head_dim at most kLargestHead
  size_t value_dim;                 // at most kLargestHead, a multiple of 4
  bool shared_keys, shared_values;  // there is one head of them, which all heads of q read
  const float* score_scale;         // [heads], at most kScoreScaleLimit / head_dim
  const ScoreTerms* terms;          // or null
  int16_t* dst;                     // m rows of heads * value_dim
  void* workspace;                  // attention_workspace_bytes(tokens), 64-aligned
};

// silu of int16 with fraction bits, in place.
struct SiluArgs {
  int16_t* values;
  size_t count;
  uint8_t fraction_bits;  // kMinSiluFraction to kMaxSiluFraction
};

// dst = x * scale + shift for each column, saturated, perhaps onto an addend, saturated again. dst
// may be src or addend.
struct AffineArgs {
  const int16_t* src;  // m rows of dim
  size_t m, dim;
  const float *scale, *shift;  // [dim], in units of dst
  const int16_t* addend;       // m rows of dim, or null
  int16_t* dst;                // m rows of dim
};

// dst = a * b * scale, saturated. dst may be a or b.
struct MultiplyArgs {
  const int16_t *a, *b;
  size_t count;
  float scale;
  int16_t* dst;
};

// A row of int16 whose heads' columns i and i + head_dim / 2 are rotated, to int8.
struct RotatePairsArgs {
  const int16_t* src;      // heads * head_dim
  size_t heads, head_dim;  // head_dim a multiple of 4
  const int16_t* turns;    // [head_dim / 2]{cosine, sine}, times 2^14: at most that
  const float* scale;      // [heads], units of dst for 2^-14 of one of src
  int8_t* dst;             // heads * head_dim
};

// LayerNorm to int16. dst may be src.
struct NormArgs {
  const int16_t* src;  // m rows of dim
  size_t m, dim;
  float epsilon;
  const float *gamma, *beta;  // [dim], in units of dst
  int16_t* dst;               // m rows of dim
};

// Heads of int16 that become one length, to int8.
struct HeadNormArgs {
  const int16_t* src;      // heads * head_dim
  size_t heads, head_dim;  // head_dim at most kLargestHead
  float epsilon;
  const float* gain;  // [heads * head_dim], in units of dst
  int8_t* dst;        // heads * head_dim
};

// LayerNorm to int8 with one scale for all rows.
struct StaticNormArgs {
  const int16_t* src;  // m rows of dim
  size_t m, dim;
  float epsilon, scale;  // scale at most 2^15
  int32_t zero_point;    // an int8
  int8_t* dst;           // m rows of dim
};

// int16 to int8 with one scale.
struct StaticQuantiseArgs {
  const int16_t* src;
  size_t count;
  float scale;         // at most 2^6
  int32_t zero_point;  // an int8
  int8_t* dst;
};

// dst = addend + x * scale, saturated. dst may be addend.
struct StaticAddArgs {
  const int8_t* src;
  const int16_t* addend;
  size_t count;
  float scale;  // at most 2^14
  int16_t* dst;
};

// dst = table[x + 128]. dst may be src.
struct LookupArgs {
  const int8_t* src;
  size_t count;
  const int8_t* table;  // [256]
  int8_t* dst;
};

// dst += share * softmax of a row of scores.
struct AddSoftmaxArgs {
  float* scores;      // [tokens rounded up to 16], the last of them anything: whole numbers, below
                      // 2^23 in magnitude. Become anything
  size_t tokens;      // at most 2^16
  float score_scale;  // no difference of two scores times it reaches 2^31
  float share;        // 2^-40 to 1
  float* dst;         // [tokens]
};

using LinearKernel = void (*)(const LinearArgs&);
using LayerNormKernel = void (*)(const LayerNormArgs&);
using QuantiseRowsKernel = void (*)(const QuantiseRowsArgs&);
using AttentionKernel = void (*)(const AttentionArgs&);
using SiluKernel = void (*)(const SiluArgs&);
using AffineKernel = void (*)(const AffineArgs&);
using MultiplyKernel = void (*)(const MultiplyArgs&);
using RotatePairsKernel = void (*)(const RotatePairsArgs&);
using NormKernel = void (*)(const NormArgs&);
using HeadNormKernel = void (*)(const HeadNormArgs&);
using StaticNormKernel = void (*)(const StaticNormArgs&);
using StaticQuantiseKernel = void (*)(const StaticQuantiseArgs&);
using StaticAddKernel = void (*)(const StaticAddArgs&);
using LookupKernel = void (*)(const LookupArgs&);
using AddSoftmaxKernel = void (*)(const AddSoftmaxArgs&);

// The kernels of one ISA; a family that it does not implement is another ISA's.
struct KernelTable {
  const char* isa;
  bool (*available)();  // on this CPU
  LinearKernel linear;
  LayerNormKernel layer_norm;
  QuantiseRowsKernel quantise_rows;
  AttentionKernel attention;
  SiluKernel silu;
  AffineKernel affine;
  MultiplyKernel multiply;
  RotatePairsKernel rotate_pairs;
  NormKernel norm;
  HeadNormKernel head_norm;
  StaticNormKernel static_norm;
  StaticQuantiseKernel static_quantise;
  StaticAddKernel static_add;
  LookupKernel lookup;
  AddSoftmaxKernel add_softmax;
};

// The tables of kernels.def that this CPU runs, best first; null past the end.
const KernelTable* kernel_table(size_t index);

}  // namespace vitro
