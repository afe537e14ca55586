// SPDX-License-Identifier: Apache-2.0
// What this build demands, alone in a file: a test compiles it once more, for a key of its own.
#include "platforms/host/signature/signature.h"
#ifdef VITRO_REQUIRE_SIGNED
#include "vitro_required_key.h"
#endif

namespace vitro::host {

std::optional<SignedBy> required_signature() {
#ifdef VITRO_REQUIRE_SIGNED
  SignedBy demanded{{}, kLeastCounter};
  for (size_t i = 0; i < demanded.key.size(); ++i) demanded.key[i] = kRequiredKey[i];
  return demanded;
#else
  return std::nullopt;
#endif
}

}  // namespace vitro::host
