// SPDX-License-Identifier: Apache-2.0
// XNNPACK computes the linear layers of a static program (vitro_config::static_linear): the same
// bytes, in memory of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace vitro::host {

class XnnpackLinears {
 public:
  /// `path` names the program in what is thrown: InputError where it has no static linears, or this
  /// build or CPU no XNNPACK. `threads`: of the session.
  XnnpackLinears(const schema::Program& program, const std::string& path, size_t threads);
  ~XnnpackLinears();

  /// Bytes that XNNPACK has allocated for this provider (it packs the weights again for each
  /// thread) and bytes of the provider itself.
  size_t bytes() const;
  /// Throws std::runtime_error where a call failed (the runtime's kernels computed in its place).
  void check() const;

  /// For vitro_config: `context` is this object.
  static const int8_t* compute(void* context, const vitro_linear_call* call);

  /// XNNPACK may read this many bytes past the rows that it is given, without using them.
  static constexpr size_t kReadBehind = 16;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitro::host
