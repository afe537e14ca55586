// SPDX-License-Identifier: Apache-2.0
// The values of one tensor for every calibration picture, as the runtime stores them, and the
// runtime's kernels over them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/preprocessing.h"
#include "converter/quantise/gptq.h"
#include "converter/quantise/statistics.h"
#include "runtime/kernels/kernels.h"
#include "runtime/schema/program_generated.h"

namespace vitro::converter {

struct Activations {
  schema::Format format = schema::Format::S16;
  size_t rows = 0, cols = 0, heads = 1;
  size_t groups = 1;                           // of keys and values: rows / groups tokens each
  std::vector<std::vector<uint8_t>> pictures;  // each of tensor_bytes()

  Activations() = default;
  Activations(schema::Format format, size_t rows, size_t cols, size_t heads, size_t count,
              size_t groups = 1);

  template <class T>
  T* at(size_t picture) {
    return reinterpret_cast<T*>(pictures[picture].data());
  }
  template <class T>
  const T* at(size_t picture) const {
    return reinterpret_cast<const T*>(pictures[picture].data());
  }
  const int8_t* group(size_t picture, size_t index) const;  // of packed keys or values
  RowParams* row_params(size_t picture);
  const RowParams* row_params(size_t picture) const {
    return const_cast<Activations*>(this)->row_params(picture);
  }
};

/// Mean and covariance of row-quantised activations over all rows of all pictures. Independent of
/// `threads`.
Moments moments_of(const Activations& row_quantised, size_t threads);

/// Square patches, and from one to the next, in pixels; how many there are.
struct PatchGrid {
  size_t patch, stride;
  size_t height, width;
};
Activations run_patch_rows(const Pictures& pictures, const Preprocessing& preprocessing,
                           const PatchGrid& grid, size_t cols);
Activations run_layer_norm(const Activations& residual, float epsilon, size_t threads);
Activations run_quantise_rows(const Activations& fixed, float unit, size_t threads);
/// What attention's scores are made of beside q k^T.
struct ScoreSettings {
  std::vector<float> scale;              // one for each head
  std::vector<int16_t> bias = {};        // [head][queries][tokens rounded up to 16]; or none
  std::vector<uint8_t> bias_shift = {};  // one for each head, with a bias
  std::vector<uint8_t> regions = {};     // [group][tokens]; or none
};

/// k and v have as many heads as there are scales, or one.
Activations run_attention(const Activations& q, const Activations& k, const Activations& v,
                          const ScoreSettings& scores, size_t threads);
/// q, keys of as many heads as there are scales; v F32 [heads, tokens], or null.
Activations run_rollout(const Activations& q, const Activations& keys, const Activations* v,
                        const std::vector<float>& score_scale, size_t threads);
/// How a program rotates pairs of columns.
struct RotationSettings {
  std::vector<int16_t> turns;  // [rows][d / 2]{cosine, sine}, times 2^14
  std::vector<float> scale;    // one for each head
};

/// The first into.rows rows of fixed, to int8 queries or keys, or to int16.
void run_rotate_pairs(const Activations& fixed, const RotationSettings& rotation, Activations& into,
                      size_t threads);
Activations run_mean_rows(const Activations& fixed, size_t first_row, float reciprocal);
Activations select_rows(const Activations& fixed, size_t first_row, size_t rows);

/// A linear as it will stand in the program: packed weights and channels.
struct PackedLinear {
  size_t n = 0, k = 0;
  std::vector<int8_t> weights;     // [ceil(n/16)][k/4][16][4]
  std::vector<float> scale, bias;  // [n rounded up to 16], in units of the output
  std::vector<int32_t> weight_sum;
};

/// `unit`: the real value of one unit of each output. Throws NodeFault for
/// numbers that the law's range does not hold.
PackedLinear pack_linear(const std::string& name, const QuantisedWeights& weights,
                         const std::vector<float>& unit, const std::vector<float>& bias);

/// A linear layer whose outputs are its inputs, in units of `unit`.
PackedLinear pack_identity(size_t cols, float unit);

/// Float outputs of one picture, [src.rows, linear.n].
void run_linear_picture(const Activations& src, size_t picture, const PackedLinear& linear,
                        float* dst);

/// How a linear layer writes its outputs.
struct LinearWrite {
  LinearOutput output = LinearOutput::s16;
  unsigned fraction_bits = 0;  // gelu
  size_t first_row = 0;        // of the destination, whose other rows stay as they are
  bool adds = false;           // f32: adds to what the destination holds, as residual always does
  std::vector<int16_t> constant_addend =
      {};  // residual: added instead of what the destination holds
};

/// Runs the layer over all pictures.
void run_linear(const Activations& src, const PackedLinear& linear, const LinearWrite& write,
                Activations& into, size_t threads);

/// SiLU of all pictures' int16 with fraction bits, in place.
void run_silu(Activations& fixed, unsigned fraction_bits, size_t threads);

/// Real values as int16 of this unit; what does not fit saturates.
std::vector<int16_t> to_fixed(const std::vector<float>& values, float unit);

}  // namespace vitro::converter
