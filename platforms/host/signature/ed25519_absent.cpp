// SPDX-License-Identifier: Apache-2.0
// A build without libsodium: nothing is signed and nothing verified.
#include <stdexcept>

#include "converter/base/error.h"
#include "platforms/host/signature/ed25519.h"

namespace vitro::host::ed25519 {

namespace {

[[noreturn]] void absent() { throw std::logic_error("signatures without libsodium"); }

}  // namespace

void need(const std::string& what) {
  throw InputError(what, "signatures need libsodium, which this build of vitro does not have",
                   "install libsodium-dev and build it again");
}

int verify(const uint8_t*, const uint8_t*, size_t, const uint8_t*) { return -1; }
void sign(const uint8_t*, const uint8_t*, size_t, uint8_t*) { absent(); }
void make_seed(uint8_t*) { absent(); }
void public_key(const uint8_t*, uint8_t*) { absent(); }
void wipe(void*, size_t) {}

}  // namespace vitro::host::ed25519
