// SPDX-License-Identifier: Apache-2.0
#include <sodium/crypto_sign_ed25519.h>

#include "platforms/firmware/signature.h"
#include "vitro_required_key.h"

namespace vitro {

namespace {

int verify(const uint8_t* signature, const uint8_t* message, size_t bytes, const uint8_t* key) {
  return crypto_sign_ed25519_verify_detached(signature, message, bytes, key);
}

}  // namespace

const bool kSignatureVerified = true;

vitro_status accept_program(const void* data, size_t size, vitro_signed_program& program) {
  const vitro_signature_policy policy = {kRequiredKey, kLeastCounter, verify};
  return vitro_signed_check(data, size, &policy, &program);
}

}  // namespace vitro
