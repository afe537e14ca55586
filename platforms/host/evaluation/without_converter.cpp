// SPDX-License-Identifier: Apache-2.0
// --reference in builds without the converter.
#include "converter/base/error.h"
#include "platforms/host/evaluation/outside.h"

namespace vitro::host {

std::unique_ptr<OutsideLogits> read_reference(const ReferenceOptions&, const Preprocessing&, size_t,
                                              size_t) {
  throw InputError("--reference", "this build has no converter",
                   "build with -DVITRO_BUILD_CONVERTER=ON, or give --expect");
}

}  // namespace vitro::host
