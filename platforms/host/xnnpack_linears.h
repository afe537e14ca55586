// SPDX-License-Identifier: Apache-2.0
// XNNPACK as the provider of a static program's linears (vitro_config::static_linear): the same
// bytes, other memory.
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

  /// What XNNPACK has allocated for this provider (it repacks the weights, for each thread anew)
  /// and what the provider has beside it.
  size_t bytes() const;
  /// Throws std::runtime_error where a call failed, in whose place the runtime's kernels computed.
  void check() const;

  /// For vitro_config: `context` is this object.
  static const int8_t* compute(void* context, const vitro_linear_call* call);

  /// XNNPACK may read, and never use, so many bytes behind the rows that it is given.
  static constexpr size_t kReadBehind = 16;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitro::host
