// SPDX-License-Identifier: Apache-2.0
// One session on the host with its arena and threads: pictures in, outputs and names out.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/host/program_file.h"
#include "platforms/host/thread_pool.h"
#include "platforms/host/xnnpack_linears.h"

namespace vitro::host {

struct RunOptions {
  size_t threads = 1;
  std::string isa;               // empty: the best
  std::string linear = "vitro";  // who computes static linears: vitro or xnnpack
  uint64_t max_macs = 0;         // of a run, beyond which a program is refused; 0: any
};

class Inference {
 public:
  /// Throws InputError where a run costs more than the options allow, the ISA is not available, or
  /// XNNPACK not for this program.
  Inference(const ProgramFile& file, const RunOptions& options, vitro_trace trace = nullptr,
            void* trace_context = nullptr);
  ~Inference();

  /// pixels: the program's picture size, uint8 RGB. Returns the values of the first output, which
  /// are the logits of a program that has any.
  std::vector<float> run(const std::vector<uint8_t>& pixels);
  /// Of output `index` after the latest run, row by row.
  std::vector<float> values(size_t index) const;
  /// The k likeliest classes of what run() returned, by vitro_top(): fewer where there are fewer.
  std::vector<vitro_answer> top(const std::vector<float>& logits, size_t k) const;
  Session& session() { return session_; }
  size_t arena_bytes() const { return arena_bytes_; }
  size_t provider_bytes() const { return linears_ ? linears_->bytes() : 0; }
  size_t threads() const {
    return pool_.threads();
  }  // fewer than asked for where the system refuses them
  ThreadPool& pool() { return pool_; }

 private:
  const ProgramFile& file_;
  ThreadPool pool_;
  size_t arena_bytes_;
  std::unique_ptr<XnnpackLinears> linears_;
  AlignedBytes arena_;
  Session session_;
};

/// SHA-256 of an output's float32 bytes, little-endian, as lower-case hex.
std::string output_sha256(const std::vector<float>& values);

/// Indices of the k largest, the largest first; equal ones in the order of their indices.
std::vector<size_t> top_indices(const std::vector<float>& logits, size_t k);

}  // namespace vitro::host
