// SPDX-License-Identifier: Apache-2.0
#include <sodium.h>

#include "converter/base/error.h"
#include "platforms/host/signature/ed25519.h"

namespace vitro::host::ed25519 {

void need(const std::string& what) {
  if (sodium_init() < 0)
    throw InputError(what, "libsodium finds no source of random numbers", "see to /dev/urandom");
}

int verify(const uint8_t* signature, const uint8_t* message, size_t bytes, const uint8_t* key) {
  return crypto_sign_ed25519_verify_detached(signature, message, bytes, key);
}

void sign(const uint8_t* seed, const uint8_t* message, size_t bytes, uint8_t* signature) {
  uint8_t key[crypto_sign_ed25519_PUBLICKEYBYTES], secret[crypto_sign_ed25519_SECRETKEYBYTES];
  crypto_sign_ed25519_seed_keypair(key, secret, seed);
  crypto_sign_ed25519_detached(signature, nullptr, message, bytes, secret);
  sodium_memzero(secret, sizeof secret);
}

void make_seed(uint8_t* seed) { randombytes_buf(seed, crypto_sign_ed25519_SEEDBYTES); }

void public_key(const uint8_t* seed, uint8_t* key) {
  uint8_t secret[crypto_sign_ed25519_SECRETKEYBYTES];
  crypto_sign_ed25519_seed_keypair(key, secret, seed);
  sodium_memzero(secret, sizeof secret);
}

void wipe(void* memory, size_t bytes) { sodium_memzero(memory, bytes); }

}  // namespace vitro::host::ed25519
