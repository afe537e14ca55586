// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/inference.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <numeric>

#include "converter/base/error.h"
#include "runtime/digest/sha256.h"

namespace vitro::host {

namespace {

// Once for each process: bench binds many sessions.
void report_missing_threads(size_t wanted, size_t started) {
  static std::atomic_flag reported = ATOMIC_FLAG_INIT;
  if (!reported.test_and_set())
    std::fprintf(stderr, "vitro: %zu of %zu threads could be started; going on with them\n",
                 started, wanted);
}

void check_work(const ProgramFile& file, uint64_t most) {
  const uint64_t macs = file.program().work().macs;
  if (most != 0 && macs > most)
    throw InputError(file.path(),
                     "takes " + std::to_string(macs) + " multiply-accumulates for a picture, " +
                         std::to_string(most) + " are allowed",
                     "give a larger --max-macs, or a smaller model");
}

}  // namespace

Inference::Inference(const ProgramFile& file, const RunOptions& options, vitro_trace trace,
                     void* trace_context)
    : file_(file), pool_(std::max<size_t>(1, options.threads)) {
  check_work(file, options.max_macs);
  if (threads() < options.threads) report_missing_threads(options.threads, threads());
  vitro_config config{};
  config.threads = threads();
  config.trace = trace;
  config.trace_context = trace_context;
  if (!options.isa.empty()) config.isa = options.isa.c_str();
  config.parallel_for = ThreadPool::parallel_for;
  config.pool = &pool_;
  if (options.linear == "xnnpack") {
    linears_ = std::make_unique<XnnpackLinears>(file.schema(), file.path(), threads());
    config.static_linear = XnnpackLinears::compute;
    config.static_linear_context = linears_.get();
  }
  arena_bytes_ = file.program().arena_bytes(threads());
  arena_ = AlignedBytes(arena_bytes_ + (linears_ ? XnnpackLinears::kReadBehind : 0));
  const vitro_status status = session_.bind(file.program(), arena_.data(), arena_bytes_, config);
  if (status == VITRO_ISA_UNAVAILABLE)
    throw InputError("--isa " + options.isa, vitro_status_text(status),
                     "'vitro isa' names those that it has");
  if (status != VITRO_OK) throw InputError(file.path(), vitro_status_text(status), "");
}

Inference::~Inference() = default;

std::vector<float> Inference::run(const std::vector<uint8_t>& pixels) {
  size_t bytes = 0;
  uint8_t* input = session_.input(&bytes);
  std::memcpy(input, pixels.data(), std::min(bytes, pixels.size()));
  session_.run();
  if (linears_) linears_->check();
  return values(0);
}

std::vector<float> Inference::values(size_t index) const {
  const vitro_output_info info = file_.program().output(index);
  const float* const first = session_.output(index);
  return {first, first + info.rows * info.cols};
}

std::vector<vitro_answer> Inference::top(const std::vector<float>& logits, size_t k) const {
  std::vector<vitro_answer> answers(k);
  answers.resize(file_.program().top(logits.data(), answers.data(), k));
  return answers;
}

std::string output_sha256(const std::vector<float>& values) {
  Sha256 hash;
  hash.update(values.data(), values.size() * sizeof(float));
  char text[65];
  hash.hex(text);
  return text;
}

std::vector<size_t> top_indices(const std::vector<float>& logits, size_t k) {
  std::vector<size_t> order(logits.size());
  std::iota(order.begin(), order.end(), size_t{0});
  k = std::min(k, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(k), order.end(),
                    [&](size_t a, size_t b) {
                      return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
                    });
  order.resize(k);
  return order;
}

}  // namespace vitro::host
