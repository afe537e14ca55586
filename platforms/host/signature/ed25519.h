// SPDX-License-Identifier: Apache-2.0
// The cryptography, of libsodium or of a build without it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace vitro::host::ed25519 {

/// Throws InputError, which names `what` is to be verified or signed, in a build without libsodium.
/// The other functions may be called after it alone.
void need(const std::string& what);

/// A vitro_verify_signature.
int verify(const uint8_t* signature, const uint8_t* message, size_t bytes, const uint8_t* key);
void sign(const uint8_t* seed, const uint8_t* message, size_t bytes, uint8_t* signature);
void make_seed(uint8_t* seed);
void public_key(const uint8_t* seed, uint8_t* key);
void wipe(void* memory, size_t bytes);

}  // namespace vitro::host::ed25519
