// SPDX-License-Identifier: Apache-2.0
// Signed programs: the trailer is read and verified; of the program itself only the SHA-256 is
// taken.
#include "vitro/vitro_signed.h"

#include <string.h>

#include "runtime/digest/sha256.h"
#include "runtime/program/trailer.h"

namespace vitro {

namespace {

constexpr char kDomain[32] = "vitro signed program";

constexpr uint8_t kVersion[8] = {kTrailerVersion};  // and the 0 behind it

uint64_t load_le64(const uint8_t* bytes) {
  uint64_t value = 0;
  for (int i = 7; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

// Of a file that has one.
const uint8_t* trailer_of(const void* data, size_t size) {
  return static_cast<const uint8_t*>(data) + (size - VITRO_TRAILER_BYTES);
}

bool has_key(const uint8_t* trailer, const uint8_t* public_key) {
  uint8_t key[Sha256::kBytes];
  Sha256 hash;
  hash.update(public_key, VITRO_PUBLIC_KEY_BYTES);
  hash.finish(key);
  return memcmp(key, trailer + kTrailerKeyAt, sizeof key) == 0;
}

}  // namespace

}  // namespace vitro

extern "C" vitro_status vitro_signed_read(const void* data, size_t size,
                                          vitro_signed_program* program) {
  using namespace vitro;
  if (!data || !program) return VITRO_BAD_ARGUMENT;
  *program = {};
  if (size < VITRO_TRAILER_BYTES ||
      memcmp(trailer_of(data, size), kTrailerMagic, sizeof kTrailerMagic) != 0) {
    program->size = size;
    return VITRO_UNSIGNED;
  }
  const uint8_t* const trailer = trailer_of(data, size);
  if (memcmp(trailer + kTrailerVersionAt, kVersion, sizeof kVersion) != 0) return VITRO_UNSUPPORTED;
  if (load_le64(trailer + kTrailerSizeAt) != size - VITRO_TRAILER_BYTES)
    return VITRO_SIGNATURE_MISMATCH;
  *program = {size - VITRO_TRAILER_BYTES, load_le64(trailer + kTrailerCounterAt),
              trailer + kTrailerKeyAt};
  return VITRO_OK;
}

extern "C" void vitro_signed_message(const void* data, size_t size, const uint8_t* trailer,
                                     uint8_t* message) {
  using namespace vitro;
  static_assert(sizeof kDomain + kTrailerSignatureAt + Sha256::kBytes == VITRO_SIGNED_BYTES, "");
  uint8_t digest[Sha256::kBytes];
  Sha256 hash;
  hash.update(data, size);
  hash.finish(digest);
  memcpy(message, kDomain, sizeof kDomain);
  memcpy(message + sizeof kDomain, trailer, kTrailerSignatureAt);
  memcpy(message + sizeof kDomain + kTrailerSignatureAt, digest, sizeof digest);
}

extern "C" vitro_status vitro_signed_check(const void* data, size_t size,
                                           const vitro_signature_policy* policy,
                                           vitro_signed_program* program) {
  using namespace vitro;
  if (program) *program = {};
  if (!data || !program || !policy || !policy->public_key || !policy->verify)
    return VITRO_BAD_ARGUMENT;
  vitro_signed_program said;
  if (const vitro_status status = vitro_signed_read(data, size, &said)) return status;
  const uint8_t* const trailer = trailer_of(data, size);
  if (!has_key(trailer, policy->public_key)) return VITRO_OTHER_KEY;
  uint8_t message[VITRO_SIGNED_BYTES];
  vitro_signed_message(data, said.size, trailer, message);
  if (policy->verify(trailer + kTrailerSignatureAt, message, sizeof message, policy->public_key) !=
      0)
    return VITRO_SIGNATURE_MISMATCH;
  if (said.counter < policy->least_counter) return VITRO_ROLLED_BACK;
  *program = said;
  return VITRO_OK;
}
