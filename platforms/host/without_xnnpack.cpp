// SPDX-License-Identifier: Apache-2.0
// Builds without XNNPACK: asking for it is refused.
#include "converter/base/error.h"
#include "platforms/host/xnnpack_linears.h"

namespace vitro::host {

struct XnnpackLinears::Impl {};

XnnpackLinears::XnnpackLinears(const schema::Program&, const std::string&, size_t) {
  throw InputError(
      "--linear xnnpack", "this build has no XNNPACK",
      "build where libxnnpack-dev is installed, or leave --linear out: the logits are the same");
}

XnnpackLinears::~XnnpackLinears() = default;
size_t XnnpackLinears::bytes() const { return 0; }
void XnnpackLinears::check() const {}
const int8_t* XnnpackLinears::compute(void*, const vitro_linear_call*) { return nullptr; }

}  // namespace vitro::host
