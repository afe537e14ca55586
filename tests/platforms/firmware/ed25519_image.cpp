// SPDX-License-Identifier: Apache-2.0
// Replaces the application: tests libsodium's Ed25519, as firmware links it, with the vectors of
// RFC 8032.
#include <sodium/crypto_sign_ed25519.h>
#include <string.h>

#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "tests/platforms/host/rfc8032.h"

namespace vitro {

namespace {

struct Bytes {
  uint8_t data[128];
  size_t size;
};

uint8_t value(char digit) {
  return static_cast<uint8_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

Bytes from_hex(const char* hex) {
  Bytes bytes{};
  for (; *hex; hex += 2)
    bytes.data[bytes.size++] = static_cast<uint8_t>(value(hex[0]) << 4 | value(hex[1]));
  return bytes;
}

bool right(const Bytes& signature, const Bytes& message, const Bytes& key) {
  return crypto_sign_ed25519_verify_detached(signature.data, message.data, message.size,
                                             key.data) == 0;
}

}  // namespace

void run_application() {
  uint64_t accepted = 0, refused = 0, wrong = 0;
  for (const Rfc8032& vector : kRfc8032) {
    Bytes signature = from_hex(vector.signature), message = from_hex(vector.message);
    const Bytes key = from_hex(vector.key);
    ++(right(signature, message, key) ? accepted : wrong);
    for (size_t at = 0; at < 64; at += 7) {
      signature.data[at] ^= 1;
      ++(right(signature, message, key) ? wrong : refused);
      signature.data[at] ^= 1;
    }
    if (message.size == 0) continue;
    message.data[message.size - 1] ^= 0x80;
    ++(right(signature, message, key) ? wrong : refused);
  }
  print("rfc8032 accepted ");
  print(accepted);
  print(", refused ");
  print(refused);
  print(", wrong ");
  print(wrong);
  print("\n");
  board::stop(wrong != 0 || accepted != 4 || refused != 43);
}

}  // namespace vitro
