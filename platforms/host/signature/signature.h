// SPDX-License-Identifier: Apache-2.0
// Signing programs and accepting signed ones (vitro_signed.h), by libsodium's Ed25519.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "vitro/vitro_signed.h"

namespace vitro::host {

using PublicKey = std::array<uint8_t, VITRO_PUBLIC_KEY_BYTES>;
/// RFC 8032's private key, from which all else of it follows. Wiped when it goes.
struct SecretKey {
  std::array<uint8_t, 32> seed{};
  SecretKey() = default;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  ~SecretKey();
};

/// Who must have signed a program, and since when.
struct SignedBy {
  PublicKey key;
  uint64_t least_counter;
};

/// What this build demands of every program (VITRO_REQUIRE_SIGNED); most demand nothing.
std::optional<SignedBy> required_signature();

struct Signature {
  uint64_t counter;
  std::string key_sha256;  // lower-case hex
  bool verified;           // otherwise the trailer's own word
};

struct Extent {
  size_t program_bytes;
  std::optional<Signature> signature;
};

/// How much of a file's bytes is the program. Verifies the signature, before anything of the
/// program is looked at, where one is demanded. Throws InputError, which names `path`.
Extent accept(const std::string& path, const void* data, size_t size,
              const std::optional<SignedBy>& demanded);

/// The trailer that makes a signed program of `size` bytes at `data`. Throws InputError without
/// libsodium.
std::array<uint8_t, VITRO_TRAILER_BYTES> sign(const void* data, size_t size,
                                              const SecretKey& secret, uint64_t counter);

/// A new pair. Throws InputError without libsodium.
void make_keys(SecretKey& secret, PublicKey& key);
PublicKey public_key_of(const SecretKey& secret);

std::string sha256_of(const PublicKey& key);

}  // namespace vitro::host
