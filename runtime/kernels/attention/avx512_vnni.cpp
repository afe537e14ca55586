// attention for AVX-512-VNNI, six queries at a time: scores of one head in the workspace, their weights as two 7-bit halves, never a whole map.
#include "runtime/kernels/avx512_vnni_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

struct Block {
  const AttentionArgs& args;
  size_t first, rows;  // queries
  size_t head;
  size_t stride;     // tokens rounded up to 16
  int32_t* scores;   // [rows][stride]
  uint8_t* high;     // [rows][stride], as low
  uint8_t* low;
  float scale[kTileRows];

  size_t dim() const { return args.heads * args.head_dim; }
};

// Keys count as key + 128: that adds 128 * sum(q) to all scores of a row, which the softmax does not see.
template <int Panels>
struct Scores {
  Block& block;
  size_t panel;

  template <int Rows>
  void run() const {
    const AttentionArgs& args = block.args;
    const size_t panel_bytes = args.head_dim * 16;
    const int8_t* keys = args.keys + (block.head * (block.stride / 16) + panel) * panel_bytes;
    const int8_t* q = args.q + block.first * block.dim() + block.head * args.head_dim;
    const auto finish = [&](int i, int j, __m512i acc) __attribute__((always_inline)) {
      _mm512_storeu_si512(block.scores + static_cast<size_t>(i) * block.stride + (panel + static_cast<size_t>(j)) * 16, acc);
    };
    multiply_tile<Bytes::biased_rhs, Rows, Panels>(q, nullptr, block.dim(), keys, panel_bytes, args.head_dim, finish);
  }
};

// p of 32 tokens from their distances to the maximum.
__m512i weights_of(__m512i distance0, __m512i distance1, __m512 score_scale, unsigned weight_shift) {
  const __m512 limit = _mm512_set1_ps(30719.0f);
  const __m512i x0 = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(distance0), score_scale), limit));
  const __m512i x1 = _mm512_cvtps_epi32(_mm512_min_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(distance1), score_scale), limit));
  const __m512i x = _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtepi32_epi16(x0)), _mm512_cvtepi32_epi16(x1), 1);
  const __m512i w = _mm512_slli_epi16(_mm512_and_si512(x, _mm512_set1_epi16(2047)), 4);
  __m512i e = _mm512_set1_epi16(-1296);
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(7565));
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(-22652));
  e = _mm512_add_epi16(_mm512_mulhrs_epi16(e, w), _mm512_set1_epi16(32764));
  const __m512i power = _mm512_srlv_epi16(_mm512_set1_epi16(1 << 14), _mm512_srli_epi16(x, 11));
  return _mm512_srl_epi16(_mm512_mulhrs_epi16(e, power), _mm_cvtsi32_si128(static_cast<int>(weight_shift)));
}

void weigh(Block& block, size_t row) {
  const size_t tokens = block.args.tokens;
  const int32_t* score = block.scores + row * block.stride;
  __m512i highest = _mm512_set1_epi32(INT32_MIN);
  for (size_t j = 0; j < tokens; j += 16)
    highest = _mm512_mask_max_epi32(highest, lanes_left(j, tokens), highest, _mm512_loadu_si512(score + j));
  highest = _mm512_set1_epi32(_mm512_reduce_max_epi32(highest));

  const __m512 score_scale = _mm512_set1_ps(block.args.score_scale[block.head]);
  __m512i sum = _mm512_setzero_si512();
  for (size_t j = 0; j < tokens; j += 32) {
    const __mmask16 valid0 = lanes_left(j, tokens), valid1 = j + 16 < tokens ? lanes_left(j + 16, tokens) : 0;
    const __m512i distance0 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid0, score + j));
    const __m512i distance1 = _mm512_sub_epi32(highest, _mm512_maskz_loadu_epi32(valid1, score + j + 16));
    const __mmask32 valid = static_cast<__mmask32>(valid0) | static_cast<__mmask32>(valid1) << 16;
    const __m512i p = _mm512_maskz_mov_epi16(valid, weights_of(distance0, distance1, score_scale, block.args.weight_shift));
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(p, _mm512_set1_epi16(1)));
    const __mmask32 stored = j + 16 < block.stride ? 0xffffffffu : 0xffffu;
    _mm256_mask_storeu_epi8(block.high + row * block.stride + j, stored, _mm512_cvtepi16_epi8(_mm512_srli_epi16(p, 7)));
    _mm256_mask_storeu_epi8(block.low + row * block.stride + j, stored, _mm512_cvtepi16_epi8(_mm512_and_si512(p, _mm512_set1_epi16(127))));
  }
  block.scale[row] = 258.0f / static_cast<float>(_mm512_reduce_add_epi32(sum));
}

template <int Panels>
struct Average {
  Block& block;
  size_t panel;

  template <int Rows>
  void run() const {
    const AttentionArgs& args = block.args;
    const size_t depth = (args.tokens + 3) / 4 * 4, panel_bytes = depth * 16;
    const int8_t* values = args.values + (block.head * ((args.head_dim + 15) / 16) + panel) * panel_bytes;
    int16_t* dst = args.dst + block.first * block.dim() + block.head * args.head_dim + panel * 16;
    const auto finish = [&](int i, int j, __m512i acc) __attribute__((always_inline)) {
      __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(acc), _mm512_set1_ps(block.scale[i]));
      y = _mm512_min_ps(_mm512_max_ps(y, _mm512_set1_ps(-32767.0f)), _mm512_set1_ps(32767.0f));
      const size_t column = static_cast<size_t>(j) * 16;
      _mm256_mask_storeu_epi16(dst + static_cast<size_t>(i) * block.dim() + column, lanes_left(panel * 16 + column, args.head_dim),
                               _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(y)));
    };
    multiply_tile<Bytes::unsigned_lhs, Rows, Panels>(block.low, block.high, block.stride, values, panel_bytes, depth, finish);
  }
};

// Walks `panels` in tiles of four, then one by one.
template <template <int> class Work>
void for_panels(Block& block, size_t panels) {
  for (size_t panel = 0; panel < panels;) {
    if (panels - panel >= kTilePanels) {
      for_rows(block.rows, Work<kTilePanels>{block, panel});
      panel += kTilePanels;
    } else {
      for_rows(block.rows, Work<1>{block, panel});
      ++panel;
    }
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t stride = (args.tokens + 15) / 16 * 16;
  int32_t* scores = static_cast<int32_t*>(args.workspace);
  uint8_t* high = reinterpret_cast<uint8_t*>(scores + kAttentionRows * stride);
  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    for (size_t head = 0; head < args.heads; ++head) {
      Block block{args, m, rows, head, stride, scores, high, high + kAttentionRows * stride, {}};
      for_panels<Scores>(block, stride / 16);
      for (size_t row = 0; row < rows; ++row) weigh(block, row);
      for_panels<Average>(block, (args.head_dim + 15) / 16);
    }
  }
}

}  // namespace vitro::avx512_vnni
