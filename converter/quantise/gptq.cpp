// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/gptq.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "converter/base/parallel.h"

// Wide loops where the desktop has them; conversion is deterministic for one machine, not across
// machines.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define VITRO_WIDE __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define VITRO_WIDE
#endif

namespace vitro::converter {

namespace {

using Square = std::vector<double>;  // row-major

constexpr double kLargestValue = 1e9;    // in units of a weight's scale; weights have at most 127
constexpr double kRoundingError = 1e-5;  // of second moments summed in float32, relative, with room

VITRO_WIDE void subtract_scaled(double* y, const double* x, double a, size_t count) {
  for (size_t i = 0; i < count; ++i) y[i] -= a * x[i];
}

// H = V V^T with V upper triangular, in place (the lower triangle is left as it was). Pivots below
// `floor` are rounding errors of it.
void reverse_cholesky(Square& h, size_t n, double floor) {
  std::vector<double> column(n);
  for (size_t k = n; k-- > 0;) {
    const double pivot = std::sqrt(std::max(h[k * n + k], floor));
    h[k * n + k] = pivot;
    for (size_t i = 0; i < k; ++i) column[i] = h[i * n + k] /= pivot;
    for (size_t i = 0; i < k; ++i) subtract_scaled(&h[i * n + i], &column[i], column[i], k - i);
  }
}

// U = V^-1, both upper triangular, row by row from below.
Square invert_upper(const Square& v, size_t n) {
  Square u(n * n, 0.0);
  for (size_t i = n; i-- > 0;) {
    double* row = &u[i * n];
    row[i] = 1;
    for (size_t j = i + 1; j < n; ++j) subtract_scaled(row + j, &u[j * n + j], v[i * n + j], n - j);
    for (size_t j = i; j < n; ++j) row[j] /= v[i * n + i];
  }
  return u;
}

int8_t rounded(double value) {
  // What has to be made good grows without bound where the moments are no covariance.
  if (!(std::abs(value) <= kLargestValue))
    throw std::range_error("moments that contradict each other, or weights that overflow");
  return static_cast<int8_t>(std::clamp(std::nearbyint(value), -127.0, 127.0));
}

// Fills out.values: `h` is the covariance, its columns in `order`, and `added` goes on its
// diagonal.
void round_in_order(const Matrix& weight, const std::vector<size_t>& order, Square h, double added,
                    size_t threads, QuantisedWeights& out) {
  const size_t n = weight.rows, k = weight.cols;
  for (size_t i = 0; i < k; ++i) h[i * k + i] += added;
  reverse_cholesky(h, k, added);
  const Square u = invert_upper(h, k);  // H^-1 = U^T U

  // Rows do not influence each other, so threads take blocks of them. remaining[c][row]: what is
  // left to represent.
  constexpr size_t kRows = 64, kColumns = 64;
  parallel_for((n + kRows - 1) / kRows, threads, [&](size_t block) {
    const size_t first = block * kRows, rows = std::min(kRows, n - first);
    std::vector<double> remaining(k * rows), errors(kColumns * rows);
    for (size_t c = 0; c < k; ++c)
      for (size_t r = 0; r < rows; ++r)
        remaining[c * rows + r] = static_cast<double>(weight.row(first + r)[order[c]]);
    for (size_t begin = 0; begin < k; begin += kColumns) {
      const size_t end = std::min(begin + kColumns, k);
      for (size_t c = begin; c < end; ++c) {
        double* error = &errors[(c - begin) * rows];
        for (size_t r = 0; r < rows; ++r) {
          const double scale = static_cast<double>(out.scale[first + r]),
                       target = remaining[c * rows + r];
          const int8_t q = rounded(target / scale);
          out.values[(first + r) * k + order[c]] = q;
          error[r] = (target - q * scale) / u[c * k + c];
        }
        for (size_t later = c + 1; later < end; ++later)
          subtract_scaled(&remaining[later * rows], error, u[c * k + later], rows);
      }
      for (size_t later = end; later < k; ++later)
        for (size_t c = begin; c < end; ++c)
          subtract_scaled(&remaining[later * rows], &errors[(c - begin) * rows], u[c * k + later],
                          rows);
    }
  });
}

}  // namespace

QuantisedWeights quantise_weights(const Matrix& weight, const Moments& moments, double damping,
                                  size_t threads, const std::vector<float>& grid) {
  const size_t n = weight.rows, k = weight.cols;
  QuantisedWeights out{n, k, std::vector<int8_t>(n * k), std::vector<float>(n)};
  for (size_t i = 0; i < n; ++i) {
    float largest = 0;
    for (size_t c = 0; c < k; ++c) largest = std::max(largest, std::abs(weight.row(i)[c]));
    out.scale[i] = std::max(largest, 1e-9f) / 127.0f;
    if (!grid.empty()) out.scale[i] = std::ceil(out.scale[i] / grid[i]) * grid[i];
  }
  if (moments.covariance.empty()) {
    for (size_t i = 0; i < n; ++i)
      for (size_t c = 0; c < k; ++c)
        out.values[i * k + c] =
            rounded(static_cast<double>(weight.row(i)[c]) / static_cast<double>(out.scale[i]));
    return out;
  }

  std::vector<size_t> order(k);
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return moments.covariance[a * k + a] > moments.covariance[b * k + b];
  });
  Square h(k * k);
  double trace = 0, energy = 0;
  for (size_t i = 0; i < k; ++i) {
    trace += moments.covariance[i * k + i];
    energy += moments.covariance[i * k + i] + moments.mean[i] * moments.mean[i];
    for (size_t j = 0; j < k; ++j) h[i * k + j] = moments.covariance[order[i] * k + order[j]];
  }
  // The covariance is a difference of float32 sums: inputs that hardly vary leave nothing in it but
  // their rounding errors, of either sign.
  const double added =
      std::max({trace * damping, energy * kRoundingError, 1e-12}) / static_cast<double>(k);
  try {
    round_in_order(weight, order, h, added, threads, out);
  } catch (const std::range_error&) {
    // Errors that all columns share add up to k times as much as those of one column.
    round_in_order(weight, order, std::move(h), std::max(added, energy * kRoundingError), threads,
                   out);
  }
  return out;
}

}  // namespace vitro::converter
