// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/signature/signature.h"

#include <cstring>

#include "converter/base/error.h"
#include "platforms/host/signature/ed25519.h"
#include "runtime/digest/sha256.h"
#include "runtime/program/trailer.h"

namespace vitro::host {

namespace {

constexpr const char* kNotSigned =
    "take the program from where it was signed, or sign it with 'vitro sign'";

const char* remedy_of(vitro_status status) {
  switch (status) {
    case VITRO_OTHER_KEY: return "give the public key of whoever signed it";
    case VITRO_SIGNATURE_MISMATCH: return "it is damaged or forged: copy it again from its source";
    case VITRO_ROLLED_BACK: return "take a newer release";
    case VITRO_UNSUPPORTED: return "use a newer vitro";
    default: return kNotSigned;
  }
}

void store_le(uint8_t* bytes, uint64_t value, int count) {
  for (int i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(value >> (8 * i));
}

void digest_of(const PublicKey& key, uint8_t (&digest)[Sha256::kBytes]) {
  Sha256 hash;
  hash.update(key.data(), key.size());
  hash.finish(digest);
}

std::string hex(const uint8_t* digest) {
  std::string text;
  for (size_t i = 0; i < Sha256::kBytes; ++i) {
    const uint8_t byte = digest[i];
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace

SecretKey::~SecretKey() { ed25519::wipe(seed.data(), seed.size()); }

Extent accept(const std::string& path, const void* data, size_t size,
              const std::optional<SignedBy>& demanded) {
  vitro_signed_program said;
  vitro_status status;
  if (demanded) {
    ed25519::need(path);
    const vitro_signature_policy policy{demanded->key.data(), demanded->least_counter,
                                        ed25519::verify};
    status = vitro_signed_check(data, size, &policy, &said);
  } else {
    status = vitro_signed_read(data, size, &said);
    if (status == VITRO_UNSIGNED) return {size, std::nullopt};
  }
  if (status != VITRO_OK) throw InputError(path, vitro_status_text(status), remedy_of(status));
  return {said.size, Signature{said.counter, hex(said.key_sha256), demanded.has_value()}};
}

std::array<uint8_t, VITRO_TRAILER_BYTES> sign(const void* data, size_t size,
                                              const SecretKey& secret, uint64_t counter) {
  std::array<uint8_t, VITRO_TRAILER_BYTES> trailer{};
  std::memcpy(trailer.data() + kTrailerMagicAt, kTrailerMagic, sizeof kTrailerMagic);
  store_le(trailer.data() + kTrailerVersionAt, kTrailerVersion, 4);
  store_le(trailer.data() + kTrailerCounterAt, counter, 8);
  store_le(trailer.data() + kTrailerSizeAt, size, 8);
  uint8_t digest[Sha256::kBytes];
  digest_of(public_key_of(secret), digest);
  std::memcpy(trailer.data() + kTrailerKeyAt, digest, sizeof digest);
  uint8_t message[VITRO_SIGNED_BYTES];
  vitro_signed_message(data, size, trailer.data(), message);
  ed25519::sign(secret.seed.data(), message, sizeof message, trailer.data() + kTrailerSignatureAt);
  return trailer;
}

void make_keys(SecretKey& secret, PublicKey& key) {
  ed25519::make_seed(secret.seed.data());
  key = public_key_of(secret);
}

PublicKey public_key_of(const SecretKey& secret) {
  PublicKey key;
  ed25519::public_key(secret.seed.data(), key.data());
  return key;
}

std::string sha256_of(const PublicKey& key) {
  uint8_t digest[Sha256::kBytes];
  digest_of(key, digest);
  return hex(digest);
}

}  // namespace vitro::host
