// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/rotate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/neighbours.h"
#include "converter/passes/streams.h"

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
Rotation column_rotation(size_t n) {
  const Rotation u = orthonormal_rows(n, 1, true), v = orthonormal_rows(n, 2, true);
  Rotation q(n * n, 0.0);
  for (size_t k = 0; k < n; ++k) {
    const double *u_row = &u[k * n], *v_row = &v[k * n];
    for (size_t i = 0; i < n; ++i) {
      double* row = &q[i * n];
      for (size_t j = 0; j < n; ++j) row[j] += u_row[i] * v_row[j];
    }
  }
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

// The node's value becomes Q times what it was.
void rotate_value(Node& node, const Rotation& q, size_t n) {
  const NodeType& type = type_of(node);
  if (type.constants == nullptr) return;
  const ColumnConstants constants = type.constants(node);
  if (constants.weight) rotate_outputs(*constants.weight, 0, q, n);
  if (constants.bias) rotate_vector(constants.bias->data(), q, n);
  for (Matrix* rows : constants.rows) rotate_inputs(*rows, 0, q, n);
}

bool may_rotate(const Graph& graph, const ColumnSet& set) {
  if (set.has_output || set.readers.empty()) return false;
  for (const size_t i : set.members) {
    const Basis basis = type_of(graph.nodes[i]).basis(graph.nodes[i]);
    if (basis == Basis::ByColumn || basis == Basis::Fixed) return false;
  }
  return std::all_of(set.readers.begin(), set.readers.end(), [&](size_t i) {
    return type_of(graph.nodes[i]).basis(graph.nodes[i]) == Basis::Free;
  });
}

std::vector<bool> rotate_columns(Graph& graph) {
  std::vector<bool> rotated(graph.nodes.size());
  std::map<size_t, Rotation> rotations;  // by width
  for (const ColumnSet& set : list_column_sets(graph)) {
    if (!may_rotate(graph, set)) continue;
    const size_t n = set.cols;
    Rotation& q = rotations[n];
    if (q.empty()) q = column_rotation(n);
    for (const size_t i : set.members) {
      rotate_value(graph.nodes[i], q, n);
      rotated[i] = true;
    }
    for (const size_t i : set.readers) {
      Node& reader = graph.nodes[i];
      rotate_inputs(*type_of(reader).constants(reader).weight, 0, q, n);
    }
  }
  return rotated;
}

// Each head of a value that a weight makes.
void rotate_head_values(Node& node, size_t heads, const Rotation& r, size_t n) {
  const ColumnConstants constants = type_of(node).constants(node);
  for (size_t head = 0; head < heads; ++head) {
    rotate_outputs(*constants.weight, head * n, r, n);
    rotate_vector(constants.bias->data() + head * n, r, n);
  }
}

// The weight that makes what is compared, itself or by way of a norm of each head.
size_t behind_norm_of_heads(const Graph& graph, const Neighbours& neighbours, size_t i,
                            size_t heads) {
  const Node& node = graph.nodes[i];
  const NodeType& type = type_of(node);
  const bool passes = type.turns_with_heads && type.turns_with_heads(node) == heads;
  return passes && neighbours.is_for_one(i) ? node.inputs[0] : i;
}

void rotate_heads(Graph& graph) {
  const Neighbours neighbours(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!type_of(node).heads) continue;
    const Heads heads = type_of(node).heads(node);
    const auto compared = [&](size_t k) {
      return behind_norm_of_heads(graph, neighbours, node.inputs[heads.compared[k]], heads.count);
    };
    const size_t a = compared(0), b = compared(1);
    const bool alone = neighbours.is_for_one(a) && neighbours.is_for_one(b);
    if (neighbours.is_free(a) && neighbours.is_free(b) &&
        (alone || neighbours.is_first_to_compare(i, a, b))) {
      const size_t n = graph.nodes[a].cols / heads.count;
      const Rotation r = head_rotation(n);
      for (const size_t input : {a, b}) rotate_head_values(graph.nodes[input], heads.count, r, n);
    }
    if (heads.averaged == kNone) continue;
    const size_t averaged = node.inputs[heads.averaged];
    if (!neighbours.is_free_for_one(averaged) || !neighbours.is_for_weights(i)) continue;
    const size_t n = node.cols / heads.count;
    const Rotation r = head_rotation(n);
    rotate_head_values(graph.nodes[averaged], heads.count, r, n);
    for (const size_t reader : neighbours.readers(i)) {
      Matrix& weight = *type_of(graph.nodes[reader]).constants(graph.nodes[reader]).weight;
      for (size_t head = 0; head < heads.count; ++head) rotate_inputs(weight, head * n, r, n);
    }
  }
}

}  // namespace

std::vector<bool> rotate(Graph& graph) {
  std::vector<bool> rotated = rotate_columns(graph);
  rotate_heads(graph);
  return rotated;
}

}  // namespace vitro::converter
