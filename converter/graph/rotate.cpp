// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/rotate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "converter/matrix/product.h"

namespace vitro::converter {

namespace {

// Square, orthogonal, row-major.
using Rotation = std::vector<double>;

// Irwin-Hall normals from a fixed generator: the standard library's distributions differ between
// implementations.
class Normals {
 public:
  explicit Normals(uint64_t seed) : state_(seed) {}
  double operator()() {
    double sum = -6;
    for (int i = 0; i < 12; ++i) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      sum += static_cast<double>(state_ >> 11) * 0x1p-53;
    }
    return sum;
  }

 private:
  uint64_t state_;
};

// Rows orthonormal by Gram-Schmidt, twice for accuracy; the first row is ones / sqrt(n) when
// `keep_ones`.
Rotation orthonormal_rows(size_t n, uint64_t seed, bool keep_ones) {
  Normals normal(seed);
  Rotation u(n * n);
  for (double& value : u) value = normal();
  if (keep_ones) std::fill_n(u.begin(), n, 1.0);
  for (size_t i = 0; i < n; ++i) {
    double* row = &u[i * n];
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t j = 0; j < i; ++j) {
        const double* other = &u[j * n];
        double dot = 0;
        for (size_t c = 0; c < n; ++c) dot += row[c] * other[c];
        for (size_t c = 0; c < n; ++c) row[c] -= dot * other[c];
      }
      double norm = 0;
      for (size_t c = 0; c < n; ++c) norm += row[c] * row[c];
      for (size_t c = 0; c < n; ++c) row[c] /= std::sqrt(norm);
    }
  }
  return u;
}

// U^T V, U and V with the same first row of ones: orthogonal, and ones map to ones.
Rotation residual_rotation(size_t n) {
  const Rotation u = orthonormal_rows(n, 1, true), v = orthonormal_rows(n, 2, true);
  Rotation q(n * n, 0.0);
  for (size_t k = 0; k < n; ++k)
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j) q[i * n + j] += u[k * n + i] * v[k * n + j];
  return q;
}

// Hadamard where n is a power of two: the flattest rotation there is. Random otherwise.
Rotation head_rotation(size_t n) {
  if ((n & (n - 1)) != 0) return orthonormal_rows(n, 3, false);
  Rotation h(n * n);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j)
      h[i * n + j] = (__builtin_popcountll(i & j) % 2 ? -1 : 1) / std::sqrt(static_cast<double>(n));
  return h;
}

// R as float32, padded for Product.
std::vector<float> as_float(const Rotation& r) {
  std::vector<float> f(r.begin(), r.end());
  f.resize(f.size() + Product::kPadding);
  return f;
}

// rows[first .. first+n) of `matrix` <- R rows.
void rotate_outputs(Matrix& matrix, size_t first, const Rotation& r, size_t n) {
  const std::vector<float> before(matrix.row(first), matrix.row(first) + n * matrix.cols);
  Product(n, matrix.cols, n, matrix.cols, before.data(), nullptr, true)
      .run(n, as_float(r).data(), matrix.row(first));
}

// Columns [first .. first+n) of each row <- row R^T: the reader of a rotated value.
void rotate_inputs(Matrix& matrix, size_t first, const Rotation& r, size_t n) {
  if (matrix.rows == 0) return;
  std::vector<float> before = matrix.data;
  before.resize(before.size() + Product::kPadding);
  Product(n, n, matrix.cols, matrix.cols, as_float(r).data(), nullptr)
      .run(matrix.rows, before.data() + first, matrix.row(0) + first);
}

void rotate_vector(float* values, const Rotation& r, size_t n) {
  const std::vector<float> before(values, values + n);
  for (size_t i = 0; i < n; ++i) {
    double sum = 0;
    for (size_t j = 0; j < n; ++j) sum += r[i * n + j] * static_cast<double>(before[j]);
    values[i] = static_cast<float>(sum);
  }
}

enum class Basis { other, residual, normalised };

void rotate_residual(Graph& graph) {
  const size_t n = graph.residual_dim;
  const Rotation q = residual_rotation(n);
  std::vector<Basis> basis(graph.nodes.size(), Basis::other);
  const auto rotate_writer = [&](int index) {
    Node& writer = graph.nodes[static_cast<size_t>(index)];
    rotate_outputs(writer.weight, 0, q, n);
    rotate_vector(writer.bias.data(), q, n);
  };
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    const Basis source =
        node.inputs.empty() ? Basis::other : basis[static_cast<size_t>(node.inputs[0])];
    switch (node.kind) {
      case NodeKind::Tokens:
        rotate_writer(node.inputs[0]);
        rotate_inputs(node.prefix, 0, q, n);
        rotate_inputs(node.positions, 0, q, n);
        basis[i] = Basis::residual;
        break;
      case NodeKind::Add:
        rotate_writer(node.inputs[1]);
        basis[i] = Basis::residual;
        break;
      case NodeKind::LayerNorm: basis[i] = Basis::normalised; break;
      case NodeKind::SelectRow:
      case NodeKind::MeanRows: basis[i] = source; break;
      case NodeKind::Linear:
        if (source == Basis::normalised) rotate_inputs(node.weight, 0, q, n);
        break;
      default: break;
    }
  }
}

void rotate_heads(Graph& graph) {
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& attention = graph.nodes[i];
    if (attention.kind != NodeKind::Attention) continue;
    const size_t n = attention.cols / attention.heads;
    const Rotation r = head_rotation(n);
    for (const int input : attention.inputs)
      for (size_t head = 0; head < attention.heads; ++head) {
        Node& linear = graph.nodes[static_cast<size_t>(input)];
        rotate_outputs(linear.weight, head * n, r, n);
        rotate_vector(linear.bias.data() + head * n, r, n);
      }
    for (Node& reader : graph.nodes)
      if (!reader.inputs.empty() && reader.inputs[0] == static_cast<int>(i))
        for (size_t head = 0; head < attention.heads; ++head)
          rotate_inputs(reader.weight, head * n, r, n);
  }
}

}  // namespace

void rotate(Graph& graph) {
  rotate_residual(graph);
  rotate_heads(graph);
}

}  // namespace vitro::converter
