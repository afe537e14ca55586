// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/activations.h"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "converter/base/aligned_bytes.h"
#include "converter/base/parallel.h"
#include "converter/matrix/product.h"
#include "converter/quantise/units.h"
#include "runtime/core/layout.h"
#include "runtime/kernels/law.h"
#include "runtime/kernels/rollout.h"

namespace vitro::converter {

namespace {

// Packed weights, keys and values hold fours of columns, and are written without another look.
void check_fours(size_t width, const char* of) {
  if (width % 4 != 0)
    throw std::logic_error(std::string(of) + " of a width of " + std::to_string(width) +
                           ", which is not a multiple of 4");
}

bool is_packed(schema::Format format) {
  return format == schema::Format::Keys || format == schema::Format::Values;
}

// The CPU is asked once: in a virtual machine each question goes to the hypervisor.
const KernelTable& kernels() {
  static const KernelTable& best = *kernel_table(0);
  return best;
}

constexpr size_t kMomentLanes = 2;  // of partial sums: each holds a k x k matrix

LinearArgs linear_args(const Activations& src, size_t picture, const PackedLinear& linear,
                       LinearOutput output) {
  LinearArgs args{};
  args.src = src.at<int8_t>(picture);
  args.src_rows = src.row_params(picture);
  args.m = src.rows;
  args.k = linear.k;
  args.n = linear.n;
  args.weights = linear.weights.data();
  args.scale = linear.scale.data();
  args.bias = linear.bias.data();
  args.weight_sum = linear.weight_sum.data();
  args.output = output;
  return args;
}

}  // namespace

Activations::Activations(schema::Format format_, size_t rows_, size_t cols_, size_t heads_,
                         size_t count, size_t groups_)
    : format(format_),
      rows(rows_),
      cols(cols_),
      heads(heads_),
      groups(groups_),
      pictures(count, std::vector<uint8_t>(groups_ *
                                           tensor_bytes(format_, rows_ / groups_, cols_, heads_))) {
  if (rows % groups != 0) throw std::logic_error("activations whose rows are not whole groups");
  if (cols % heads != 0) throw std::logic_error("activations whose columns are not whole heads");
  if (is_packed(format)) check_fours(cols / heads, "keys or values with heads");
}

RowParams* Activations::row_params(size_t picture) {
  return reinterpret_cast<RowParams*>(pictures[picture].data() + row_params_offset(rows, cols));
}

const int8_t* Activations::group(size_t picture, size_t index) const {
  return at<int8_t>(picture) + index * (pictures[picture].size() / groups);
}

Moments moments_of(const Activations& a, size_t threads) {
  const size_t k = a.cols, count = a.pictures.size();
  std::vector<Moments> lanes(std::min(kMomentLanes, count),
                             Moments{std::vector<double>(k, 0.0), std::vector<double>(k * k, 0.0)});
  parallel_for(lanes.size(), threads, [&](size_t lane) {
    Matrix x(a.rows, k);
    std::vector<float> products(k * k);
    float* const gram = products.data();
    for (size_t i = lane; i < count; i += lanes.size()) {
      const int8_t* q = a.at<int8_t>(i);
      const RowParams* params = a.row_params(i);
      double *mean = lanes[lane].mean.data(), *covariance = lanes[lane].covariance.data();
      for (size_t r = 0; r < a.rows; ++r) {
        const RowParams row = params[r];
        const int8_t* from = q + r * k;
        float* to = x.row(r);
        for (size_t c = 0; c < k; ++c) {
          to[c] = row.scale * static_cast<float>(from[c] - row.zero_point);
          mean[c] += static_cast<double>(to[c]);
        }
      }
      gram_matrix(x, gram);
      for (size_t j = 0; j < k * k; ++j) covariance[j] += static_cast<double>(gram[j]);
    }
  });
  Moments& m = lanes[0];
  const double samples = static_cast<double>(count * a.rows);
  double *mean = m.mean.data(), *covariance = m.covariance.data();
  for (size_t lane = 1; lane < lanes.size(); ++lane) {
    const double *sums = lanes[lane].mean.data(), *squares = lanes[lane].covariance.data();
    for (size_t c = 0; c < k; ++c) mean[c] += sums[c];
    for (size_t j = 0; j < k * k; ++j) covariance[j] += squares[j];
  }
  for (size_t c = 0; c < k; ++c) mean[c] /= samples;
  for (size_t i = 0; i < k; ++i, covariance += k)
    for (size_t j = 0; j < k; ++j) covariance[j] = covariance[j] / samples - mean[i] * mean[j];
  return std::move(m);
}

Activations run_patch_rows(const Pictures& pictures, const Preprocessing& preprocessing,
                           const PatchGrid& grid, size_t cols) {
  const size_t width = preprocessing.image_width, patch = grid.patch, line = patch * 3;
  Activations out(schema::Format::RowS8, grid.height * grid.width, cols, 1, pictures.size());
  for (size_t i = 0; i < pictures.size(); ++i) {
    int8_t* dst = out.at<int8_t>(i);
    for (size_t row = 0; row < out.rows; ++row) {
      out.row_params(i)[row] = {1.0f, -128};
      for (size_t y = 0; y < patch; ++y) {
        const uint8_t* src =
            pictures[i].data() +
            ((row / grid.width * grid.stride + y) * width + row % grid.width * grid.stride) * 3;
        for (size_t x = 0; x < line; ++x) *dst++ = static_cast<int8_t>(src[x] ^ 0x80);
      }
      for (size_t c = patch * line; c < cols; ++c) *dst++ = -128;
    }
  }
  return out;
}

Activations run_layer_norm(const Activations& residual, float epsilon, size_t threads) {
  Activations out(schema::Format::RowS8, residual.rows, residual.cols, 1, residual.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    kernels().layer_norm({residual.at<int16_t>(i), out.rows, out.cols, epsilon, out.at<int8_t>(i),
                          out.row_params(i)});
  });
  return out;
}

Activations run_quantise_rows(const Activations& fixed, float unit, size_t threads) {
  Activations out(schema::Format::RowS8, fixed.rows, fixed.cols, 1, fixed.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    kernels().quantise_rows(
        {fixed.at<int16_t>(i), out.rows, out.cols, unit, out.at<int8_t>(i), out.row_params(i)});
  });
  return out;
}

Activations run_attention(const Activations& q, const Activations& k, const Activations& v,
                          const ScoreSettings& scores, size_t threads) {
  const size_t heads = scores.scale.size(), value_dim = v.cols / v.heads;
  Activations out(schema::Format::S16, q.rows, heads * value_dim, 1, q.pictures.size());
  const size_t queries = q.rows / k.groups, tokens = k.rows / k.groups;
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    std::vector<int32_t> workspace(attention_workspace_bytes(tokens) / sizeof(int32_t) + 16);
    void* aligned = workspace.data() + (64 - reinterpret_cast<uintptr_t>(workspace.data()) % 64) %
                                           64 / sizeof(int32_t);
    ScoreTerms terms{};
    terms.queries = queries;
    if (!scores.bias.empty())
      terms.bias = scores.bias.data(), terms.bias_shift = scores.bias_shift.data();
    for (size_t g = 0; g < k.groups; ++g) {
      AttentionArgs args{};
      args.q = q.at<int8_t>(i) + g * queries * q.cols;
      args.m = queries;
      args.keys = k.group(i, g);
      args.values = v.group(i, g);
      args.tokens = tokens;
      args.heads = heads;
      args.head_dim = k.cols / k.heads;
      args.value_dim = value_dim;
      args.shared_keys = k.heads < heads;
      args.shared_values = v.heads < heads;
      args.score_scale = scores.scale.data();
      if (!scores.regions.empty()) terms.regions = scores.regions.data() + g * tokens;
      if (terms.bias || terms.regions) args.terms = &terms;
      args.dst = out.at<int16_t>(i) + g * queries * out.cols;
      args.workspace = aligned;
      kernels().attention(args);
    }
  });
  return out;
}

Activations run_rollout(const Activations& q, const Activations& keys, const Activations* v,
                        const std::vector<float>& score_scale, size_t threads) {
  const size_t heads = score_scale.size(), tokens = keys.rows, head_dim = keys.cols / heads;
  Activations out(schema::Format::F32, heads, tokens, 1, q.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    AlignedBytes workspace(rollout_workspace_bytes(tokens, head_dim));
    for (size_t h = 0; h < heads; ++h)
      rollout_head({kernels().linear, kernels().add_softmax, q.at<int8_t>(i) + h * head_dim, q.cols,
                    keys.at<int8_t>(i) + law::keys_offset(tokens, head_dim, 0, h * head_dim),
                    tokens, head_dim, score_scale[h], v ? v->at<float>(i) + h * tokens : nullptr,
                    out.at<float>(i) + h * tokens, workspace.data()});
  });
  return out;
}

void run_rotate_pairs(const Activations& fixed, const RotationSettings& rotation, Activations& into,
                      size_t threads) {
  const size_t heads = rotation.scale.size(), head_dim = fixed.cols / heads,
               tokens = into.rows / into.groups;
  parallel_for(fixed.pictures.size(), threads, [&](size_t i) {
    std::vector<int8_t> row(fixed.cols);
    for (size_t r = 0; r < into.rows; ++r) {
      RotatePairsArgs args{};
      args.src = fixed.at<int16_t>(i) + r * fixed.cols;
      args.heads = heads;
      args.head_dim = head_dim;
      args.turns = rotation.turns.data() + r * head_dim;
      args.scale = rotation.scale.data();
      args.dst = row.data();
      if (into.format == schema::Format::S16) {
        law::rotate_pairs_fixed(args, into.at<int16_t>(i) + r * fixed.cols);
        continue;
      }
      kernels().rotate_pairs(args);
      if (into.format == schema::Format::S8) {
        std::memcpy(into.at<int8_t>(i) + r * fixed.cols, row.data(), row.size());
        continue;
      }
      int8_t* const keys =
          into.at<int8_t>(i) + r / tokens * (into.pictures[i].size() / into.groups);
      for (size_t c = 0; c < fixed.cols; ++c)
        keys[law::keys_offset(tokens, head_dim, r % tokens, c)] = row[c];
    }
  });
}

Activations run_mean_rows(const Activations& fixed, size_t first_row, float reciprocal) {
  Activations out(schema::Format::S16, 1, fixed.cols, 1, fixed.pictures.size());
  for (size_t i = 0; i < out.pictures.size(); ++i)
    for (size_t c = 0; c < fixed.cols; ++c) {
      int32_t sum = 0;
      for (size_t r = first_row; r < fixed.rows; ++r)
        sum += fixed.at<int16_t>(i)[r * fixed.cols + c];
      out.at<int16_t>(i)[c] = law::sat16(
          law::rhe(law::clamp(static_cast<float>(sum) * reciprocal, -32768.0f, 32767.0f)));
    }
  return out;
}

Activations select_rows(const Activations& fixed, size_t first_row, size_t rows) {
  Activations out(fixed.format, rows, fixed.cols, 1, fixed.pictures.size());
  const size_t row = row_bytes(fixed.format, fixed.cols);
  for (size_t i = 0; i < out.pictures.size(); ++i)
    std::memcpy(out.pictures[i].data(), fixed.pictures[i].data() + first_row * row, rows * row);
  return out;
}

PackedLinear pack_linear(const std::string& name, const QuantisedWeights& weights,
                         const std::vector<float>& unit, const std::vector<float>& bias) {
  PackedLinear p;
  p.n = weights.n;
  p.k = weights.k;
  check_fours(p.k, "a linear with inputs");
  if (weights.values.size() != p.n * p.k || weights.scale.size() != p.n || unit.size() != p.n ||
      bias.size() != p.n)
    throw std::logic_error("a linear whose parts differ in size");
  const size_t channels = channel_count(p.n);
  p.weights.assign(packed_weight_bytes(p.n, p.k), 0);
  p.scale.assign(channels, 0.0f);
  p.bias.assign(channels, 0.0f);
  p.weight_sum.assign(channels, 0);
  for (size_t n = 0; n < p.n; ++n) {
    p.scale[n] = channel_value(name, weights.scale[n] / unit[n]);
    p.bias[n] = channel_value(name, bias[n] / unit[n]);
    for (size_t k = 0; k < p.k; ++k) {
      const int8_t w = weights.values[n * p.k + k];
      p.weights[law::weight_offset(p.k, n, k)] = w;
      p.weight_sum[n] += w;
    }
  }
  return p;
}

PackedLinear pack_identity(size_t cols, float unit) {
  QuantisedWeights identity{cols, cols, std::vector<int8_t>(cols * cols, 0),
                            std::vector<float>(cols, 1.0f / 127.0f)};
  for (size_t c = 0; c < cols; ++c) identity.values[c * cols + c] = 127;
  return pack_linear("", identity, std::vector<float>(cols, unit), std::vector<float>(cols, 0.0f));
}

void run_linear_picture(const Activations& src, size_t picture, const PackedLinear& linear,
                        float* dst) {
  if (src.cols != linear.k) throw std::logic_error("a linear over values of another shape");
  LinearArgs args = linear_args(src, picture, linear, LinearOutput::f32);
  args.dst = dst;
  args.dst_stride = linear.n;
  kernels().linear(args);
}

void run_linear(const Activations& src, const PackedLinear& linear, const LinearWrite& write,
                Activations& into, size_t threads) {
  if (src.cols != linear.k || linear.n != into.cols || write.first_row + src.rows > into.rows)
    throw std::logic_error("a linear over values of another shape");
  const size_t group_rows = src.rows / into.groups;
  parallel_for(src.pictures.size(), threads, [&](size_t i) {
    LinearArgs args = linear_args(src, i, linear, write.output);
    args.fraction_bits = static_cast<uint8_t>(write.fraction_bits);
    args.dst = into.pictures[i].data() + write.first_row * row_bytes(into.format, into.cols);
    if (write.output == LinearOutput::residual || write.adds)
      args.addend = write.constant_addend.empty()
                        ? args.dst
                        : static_cast<const void*>(write.constant_addend.data());
    args.dst_stride = into.cols;
    args.first_token = 0;
    args.tokens = into.rows / into.groups;
    args.head_dim = into.cols / into.heads;
    args.m = group_rows;
    for (size_t g = 0; g < into.groups; ++g) {
      kernels().linear(args);
      args.src += group_rows * src.cols;
      args.src_rows += group_rows;
      args.dst = static_cast<uint8_t*>(args.dst) + into.pictures[i].size() / into.groups;
    }
  });
}

void run_silu(Activations& fixed, unsigned fraction_bits, size_t threads) {
  parallel_for(fixed.pictures.size(), threads, [&](size_t i) {
    kernels().silu(
        {fixed.at<int16_t>(i), fixed.rows * fixed.cols, static_cast<uint8_t>(fraction_bits)});
  });
}

std::vector<int16_t> to_fixed(const std::vector<float>& values, float unit) {
  std::vector<int16_t> fixed;
  fixed.reserve(values.size());
  for (const float x : values)
    fixed.push_back(
        static_cast<int16_t>(std::clamp(std::nearbyint(x / unit), -32768.0f, 32767.0f)));
  return fixed;
}

}  // namespace vitro::converter
