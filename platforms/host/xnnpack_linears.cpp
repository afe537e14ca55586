// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/xnnpack_linears.h"

#include <xnnpack.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "converter/base/error.h"
#include "runtime/core/layout.h"
#include "runtime/kernels/law.h"

namespace vitro::host {

namespace {

static_assert(XnnpackLinears::kReadBehind >= XNN_EXTRA_BYTES);

// XNNPACK has one allocator for the whole process. This one counts; each block is preceded by its
// size and how far behind the start of malloc's it lies.
std::atomic<size_t> allocated{0};

struct Header {
  size_t size, behind;
};

Header& header_of(void* block) { return reinterpret_cast<Header*>(block)[-1]; }

void* allocate_aligned(void*, size_t alignment, size_t size) {
  const size_t behind = std::max(alignment, size_t{64});
  void* start = nullptr;
  if (size > SIZE_MAX - behind || posix_memalign(&start, behind, size + behind) != 0)
    return nullptr;
  void* block = static_cast<char*>(start) + behind;
  header_of(block) = {size, behind};
  allocated += size;
  return block;
}

void* allocate(void* context, size_t size) { return allocate_aligned(context, 64, size); }

void release(void*, void* block) {
  if (!block) return;
  const Header header = header_of(block);
  allocated -= header.size;
  std::free(static_cast<char*>(block) - header.behind);
}

void* reallocate(void* context, void* block, size_t size) {
  void* larger = allocate(context, size);
  if (!larger || !block) return larger;
  std::memcpy(larger, block, std::min(size, header_of(block).size));
  release(context, block);
  return larger;
}

void initialise_once() {
  static const xnn_allocator counting = {nullptr, allocate,         reallocate,
                                         release, allocate_aligned, release};
  static const xnn_status status = xnn_initialize(&counting);
  if (status == xnn_status_out_of_memory) throw std::bad_alloc();
  if (status != xnn_status_success)
    throw InputError("--linear xnnpack",
                     "XNNPACK does not start on this machine (status " +
                         std::to_string(static_cast<int>(status)) + ")",
                     "leave --linear out: the logits are the same");
}

struct Deleter {
  void operator()(xnn_operator* op) const { xnn_delete_operator(op); }
};
using Operator = std::unique_ptr<xnn_operator, Deleter>;

// One operator for each thread: what xnn_setup leaves in one is for one call.
using ByThread = std::vector<Operator>;

std::vector<int8_t> unpack_weights(const int8_t* packed, size_t n, size_t k) {
  std::vector<int8_t> rows(n * k);
  for (size_t r = 0; r < n; ++r)
    for (size_t c = 0; c < k; ++c) rows[r * k + c] = packed[law::weight_offset(k, r, c)];
  return rows;
}

Operator create(const schema::Program& program, const schema::Linear& linear) {
  const size_t k = program.tensors()->Get(linear.src())->cols(),
               n = program.tensors()->Get(linear.dst())->cols();
  const uint8_t* constants = program.constants()->Data();
  const auto* scale = reinterpret_cast<const float*>(constants + linear.channels());
  const float* bias = scale + channel_count(n);
  const std::vector<int8_t> weights =
      unpack_weights(reinterpret_cast<const int8_t*>(constants + linear.weights()), n, k);
  std::vector<int32_t> integer_bias(n);  // inside the sums; exact, as vitro_open has verified
  for (size_t i = 0; i < n; ++i)
    integer_bias[i] = static_cast<int32_t>(
        std::nearbyint(static_cast<double>(bias[i]) / static_cast<double>(scale[i])));
  xnn_operator_t op = nullptr;
  const xnn_status status = xnn_create_convolution2d_nhwc_qc8(
      0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, k, n, k, n, linear.zero_point(), 1.0f, scale, weights.data(),
      integer_bias.data(), 0, 1.0f, -127, 127, 0, &op);
  if (status == xnn_status_out_of_memory) throw std::bad_alloc();
  if (status != xnn_status_success)
    throw std::runtime_error("XNNPACK refuses a linear with status " +
                             std::to_string(static_cast<int>(status)));
  return Operator(op);
}

}  // namespace

struct XnnpackLinears::Impl {
  std::map<std::pair<size_t, size_t>, ByThread> linears;  // by step and op
  std::vector<std::vector<int8_t>> outputs;  // by thread: what the runtime lays out itself
  size_t bytes = 0;
  std::atomic<int> failure{xnn_status_success};
};

XnnpackLinears::XnnpackLinears(const schema::Program& program, const std::string& path,
                               size_t threads)
    : impl_(std::make_unique<Impl>()) {
  initialise_once();
  const size_t before = allocated;
  size_t largest_packed = 0;
  for (unsigned s = 0; s < program.steps()->size(); ++s) {
    const schema::Step& step = *program.steps()->Get(s);
    for (unsigned o = 0; o < step.ops()->size(); ++o) {
      const schema::Linear* linear = step.ops()->Get(o)->args_as_Linear();
      if (!linear || program.tensors()->Get(linear->src())->format() != schema::Format::S8)
        continue;
      const schema::Tensor& dst = *program.tensors()->Get(linear->dst());
      if (dst.format() != schema::Format::S8)
        largest_packed = std::max(largest_packed, size_t{step.tile_rows()} * dst.cols());
      ByThread& own = impl_->linears[{s, o}];
      for (size_t t = 0; t < threads; ++t) own.push_back(create(program, *linear));
    }
  }
  if (impl_->linears.empty())
    throw InputError(path, "has no static linears for --linear xnnpack to compute",
                     "convert with --activations static, or leave --linear out");
  impl_->outputs.assign(threads, std::vector<int8_t>(largest_packed));
  impl_->bytes = allocated - before + threads * largest_packed;
  if (allocated == before) throw std::logic_error("XNNPACK was initialised with another allocator");
}

XnnpackLinears::~XnnpackLinears() = default;

size_t XnnpackLinears::bytes() const { return impl_->bytes; }

void XnnpackLinears::check() const {
  if (impl_->failure != xnn_status_success)
    throw std::runtime_error("XNNPACK failed with status " + std::to_string(impl_->failure));
}

const int8_t* XnnpackLinears::compute(void* context, const vitro_linear_call* call) {
  Impl& impl = *static_cast<XnnpackLinears*>(context)->impl_;
  xnn_operator* op = impl.linears.find({call->step, call->op})->second[call->thread].get();
  int8_t* dst = call->dst ? call->dst : impl.outputs[call->thread].data();
  xnn_status status =
      xnn_setup_convolution2d_nhwc_qc8(op, 1, call->rows, 1, call->src, dst, nullptr);
  if (status == xnn_status_success) status = xnn_run_operator(op, nullptr);
  if (status == xnn_status_success) return dst;
  impl.failure = status;
  return nullptr;
}

}  // namespace vitro::host
