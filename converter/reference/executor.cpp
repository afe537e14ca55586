// Executes a float graph node by node; every product of matrices is XNNPACK's.
#include "converter/reference/executor.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <stdexcept>

#include <xnnpack.h>

#include "converter/reference/ops.h"

namespace vitro {
namespace {

constexpr size_t kPadding = XNN_EXTRA_BYTES / sizeof(float);
constexpr size_t kQueryRows = 128;  // scores of this many queries at a time stay in the cache

struct OperatorDeleter {
  void operator()(xnn_operator_t op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<std::remove_pointer_t<xnn_operator_t>, OperatorDeleter>;

void check(xnn_status status, const char* what) {
  if (status == xnn_status_success) return;
  throw std::runtime_error("XNNPACK: " + std::string(what) + " failed with status " + std::to_string(static_cast<int>(status)));
}

/// XNNPACK has one state for the whole process.
void initialise_once() {
  static std::once_flag once;
  std::call_once(once, [] { check(xnn_initialize(nullptr), "initialisation (does this CPU have its minimum of instructions?)"); });
}

/// y = x W^T + b; W [n, k], or [k, n] with XNN_FLAG_TRANSPOSE_WEIGHTS. XNNPACK packs a copy of W.
Operator make_product(size_t k, size_t n, size_t x_stride, size_t y_stride, const float* w, const float* bias, uint32_t flags) {
  xnn_operator_t op = nullptr;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  check(xnn_create_fully_connected_nc_f32(k, n, x_stride, y_stride, w, bias, -kInfinity, kInfinity, flags, &op), "creating a product");
  return Operator(op);
}

void multiply(const Operator& product, size_t rows, const float* x, float* y) {
  check(xnn_setup_fully_connected_nc_f32(product.get(), rows, x, y, nullptr), "setting a product up");
  check(xnn_run_operator(product.get(), nullptr), "a product");
}

}  // namespace

struct ReferenceExecutor::Impl {
  const Graph& graph;
  std::vector<Operator> products;           // by node, null unless it is a Linear
  std::vector<size_t> buffer_of;            // by node
  std::vector<std::vector<float>> buffers;  // shared by nodes that are not alive at the same time; kPadding longer than needed
  std::vector<float> scores, key, value;    // of one head

  explicit Impl(const Graph& g) : graph(g), products(g.nodes.size()) {
    initialise_once();
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      if (node.kind != NodeKind::Linear) continue;
      products[i] =
          make_product(node.weight.cols, node.cols, node.weight.cols, node.cols, node.weight.data.data(), node.bias.data(), 0);
    }
    assign_buffers();
  }

  /// First come, first served: a node takes the smallest free buffer that suffices, or else grows the largest free one.
  void assign_buffers() {
    const size_t count = graph.nodes.size();
    std::vector<size_t> last_use(count), sizes;
    for (size_t i = 0; i < count; ++i) {
      last_use[i] = i;
      for (const int input : graph.nodes[i].inputs) last_use[input] = i;
    }
    last_use[count - 1] = count;
    std::vector<bool> busy;
    buffer_of.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const size_t need = graph.nodes[i].rows * graph.nodes[i].cols + kPadding;
      size_t best = sizes.size();
      for (size_t b = 0; b < sizes.size(); ++b) {
        if (busy[b]) continue;
        const bool better = best == sizes.size() || (sizes[best] < need ? sizes[b] > sizes[best] : sizes[b] >= need && sizes[b] < sizes[best]);
        if (better) best = b;
      }
      if (best == sizes.size()) {
        sizes.push_back(0);
        busy.push_back(false);
      }
      sizes[best] = std::max(sizes[best], need);
      busy[best] = true;
      buffer_of[i] = best;
      // Freed after this node took its own: no operation works in place.
      for (const int input : graph.nodes[i].inputs) {
        if (last_use[input] == i) busy[buffer_of[input]] = false;
      }
      if (last_use[i] == i) busy[best] = false;
    }
    for (const size_t size : sizes) buffers.emplace_back(size);
  }

  float* at(size_t node) { return buffers[buffer_of[node]].data(); }

  void attention(const Node& node, const float* q, const float* k, const float* v, float* y) {
    const size_t rows = node.rows, width = node.cols, head = width / node.heads;
    scores.resize(std::min(rows, kQueryRows) * rows + kPadding);
    key.resize(rows * head);
    value.resize(rows * head);
    for (size_t h = 0; h < node.heads; ++h) {
      for (size_t r = 0; r < rows; ++r) {
        std::memcpy(&key[r * head], k + r * width + h * head, head * sizeof(float));
        std::memcpy(&value[r * head], v + r * width + h * head, head * sizeof(float));
      }
      const Operator compare = make_product(head, rows, width, rows, key.data(), nullptr, 0);
      const Operator gather = make_product(rows, head, rows, width, value.data(), nullptr, XNN_FLAG_TRANSPOSE_WEIGHTS);
      for (size_t r = 0; r < rows; r += kQueryRows) {
        const size_t chunk = std::min(kQueryRows, rows - r);
        multiply(compare, chunk, q + r * width + h * head, scores.data());
        reference::softmax(scores.data(), chunk, rows, node.scale);
        multiply(gather, chunk, scores.data(), y + r * width + h * head);
      }
    }
  }

  void execute(size_t index, const uint8_t* pixels) {
    const Node& node = graph.nodes[index];
    const float* in[3] = {};
    for (size_t i = 0; i < node.inputs.size(); ++i) in[i] = at(node.inputs[i]);
    float* y = at(index);
    const size_t size = node.rows * node.cols;
    switch (node.kind) {
      case NodeKind::PatchRows: return reference::patch_rows(pixels, graph.patch, graph.preprocessing, graph.folded, y);
      case NodeKind::Linear: return multiply(products[index], node.rows, in[0], y);
      case NodeKind::Tokens: return reference::tokens(in[0], node.prefix, node.positions, y);
      case NodeKind::LayerNorm: {
        const bool affine = !node.gamma.empty();
        return reference::layer_norm(in[0], node.rows, node.cols, affine ? node.gamma.data() : nullptr,
                                     affine ? node.beta.data() : nullptr, node.epsilon, y);
      }
      case NodeKind::Attention: return attention(node, in[0], in[1], in[2], y);
      case NodeKind::Gelu: return reference::gelu(in[0], size, y);
      case NodeKind::Add: return reference::add(in[0], in[1], size, y);
      case NodeKind::SelectRow: std::copy_n(in[0] + node.first_row * node.cols, node.cols, y); return;
      case NodeKind::MeanRows: return reference::mean_rows(in[0], graph.nodes[node.inputs[0]].rows, node.cols, node.first_row, y);
      case NodeKind::Average: return reference::average(in[0], in[1], size, y);
    }
  }
};

ReferenceExecutor::ReferenceExecutor(const Graph& graph) : impl_(std::make_unique<Impl>(graph)) {}
ReferenceExecutor::~ReferenceExecutor() = default;

std::vector<float> ReferenceExecutor::run(const uint8_t* pixels, const Observer& observe) {
  const size_t count = impl_->graph.nodes.size();
  for (size_t i = 0; i < count; ++i) {
    impl_->execute(i, pixels);
    if (observe) observe(i, impl_->at(i));
  }
  const float* logits = impl_->at(count - 1);
  return {logits, logits + impl_->graph.logits().cols};
}

}  // namespace vitro
