// SPDX-License-Identifier: Apache-2.0
// Signed files and keys. The first byte says what the rest is:
//   'k'  a public key in PEM
//   'm'  eight bytes of a counter, then changes of four bytes each (a place, an action, a byte),
//        then a program. The program is signed and changed; if it then differs, it must be refused
//   else a file, as it is
// A cheap function makes the signatures here: Ed25519 has its own tests, and is not ours.
#include <cstring>
#include <vector>

#include "converter/base/error.h"
#include "platforms/host/signature/key_file.h"
#include "runtime/digest/sha256.h"
#include "runtime/program/trailer.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint8_t kKey[VITRO_PUBLIC_KEY_BYTES] = {'k', 'e', 'y'};
constexpr uint64_t kLeastCounter = 1000;

void sign(const uint8_t* message, size_t bytes, uint8_t* signature) {
  uint8_t digest[Sha256::kBytes];
  for (size_t half = 0; half < 2; ++half) {
    Sha256 hash;
    hash.update(signature, half * sizeof digest);
    hash.update(message, bytes);
    hash.finish(digest);
    std::memcpy(signature + half * sizeof digest, digest, sizeof digest);
  }
}

int verify(const uint8_t* signature, const uint8_t* message, size_t bytes, const uint8_t* key) {
  require(bytes == VITRO_SIGNED_BYTES && key == kKey, "another message is verified");
  uint8_t right[VITRO_SIGNATURE_BYTES];
  sign(message, bytes, right);
  return std::memcmp(signature, right, sizeof right);
}

Bytes signed_file(const uint8_t* program, size_t size, uint64_t counter) {
  Bytes file(program, program + size);
  uint8_t trailer[VITRO_TRAILER_BYTES] = {}, message[VITRO_SIGNED_BYTES];
  std::memcpy(trailer + kTrailerMagicAt, kTrailerMagic, sizeof kTrailerMagic);
  trailer[kTrailerVersionAt] = kTrailerVersion;
  for (size_t i = 0; i < 8; ++i) {
    trailer[kTrailerCounterAt + i] = static_cast<uint8_t>(counter >> (8 * i));
    trailer[kTrailerSizeAt + i] = static_cast<uint8_t>(uint64_t{size} >> (8 * i));
  }
  uint8_t key[Sha256::kBytes];
  Sha256 hash;
  hash.update(kKey, sizeof kKey);
  hash.finish(key);
  std::memcpy(trailer + kTrailerKeyAt, key, sizeof key);
  vitro_signed_message(program, size, trailer, message);
  sign(message, sizeof message, trailer + kTrailerSignatureAt);
  file.insert(file.end(), trailer, trailer + sizeof trailer);
  return file;
}

vitro_status check(const Bytes& file) {
  const vitro_signature_policy policy{kKey, kLeastCounter, verify};
  vitro_signed_program accepted, read;
  const vitro_status status = vitro_signed_check(file.data(), file.size(), &policy, &accepted);
  const vitro_status said = vitro_signed_read(file.data(), file.size(), &read);
  if (status != VITRO_OK) {
    require(accepted.size == 0, "a refused file has a size");
    return status;
  }
  require(said == VITRO_OK && read.size == accepted.size && read.counter == accepted.counter,
          "what is accepted is read otherwise");
  require(accepted.size == file.size() - VITRO_TRAILER_BYTES, "a signature of another size");
  require(accepted.counter >= kLeastCounter, "an old program is accepted");
  require(file == signed_file(file.data(), accepted.size, accepted.counter),
          "a file that nobody signed is accepted");
  return status;
}

uint64_t number(const uint8_t* data, size_t width) {
  uint64_t value = 0;
  for (size_t i = width; i-- > 0;) value = value << 8 | data[i];
  return value;
}

void change(Bytes& file, const uint8_t* how) {
  const size_t place = file.empty() ? 0 : static_cast<size_t>(number(how, 2)) % file.size();
  const auto at = file.begin() + static_cast<std::ptrdiff_t>(place);
  switch (how[2] % 4) {
    case 0: file.insert(at, how[3]); return;
    case 1: file.resize(place); return;
    default:
      if (!file.empty()) *at ^= how[3];
  }
}

void check_changed(const uint8_t* data, size_t size) {
  constexpr size_t kHead = 8 + 4 * 3;
  if (size < kHead) return;
  const uint64_t counter = number(data, 8);
  const Bytes file = signed_file(data + kHead, size - kHead, counter);
  require(check(file) == (counter < kLeastCounter ? VITRO_ROLLED_BACK : VITRO_OK),
          "a signed file is refused");
  Bytes changed = file;
  for (size_t i = 0; i < 3; ++i) change(changed, data + 8 + 4 * i);
  check(changed);
}

void read_key(const uint8_t* data, size_t size) {
  static const Folder folder;
  const std::string path = folder.write("key.pem", text_of(data, size));
  try {
    require(host::read_public_key(path) == host::read_public_key(path), "a key that changes");
  } catch (const InputError&) {
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  if (data[0] == 'k')
    read_key(data + 1, size - 1);
  else if (data[0] == 'm')
    check_changed(data + 1, size - 1);
  else
    check({data + 1, data + size});
  return 0;
}
