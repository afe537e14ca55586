// SPDX-License-Identifier: Apache-2.0
#include "converter/emit/seal.h"

#include <cstring>

#include "runtime/digest/sha256.h"

namespace vitro::converter {

void add_digest(schema::ProgramT& program) {
  program.digest = std::make_unique<schema::Digest>();
  if (program.provenance) program.provenance->digest = true;
}

void seal(uint8_t* file, size_t size) {
  const schema::Digest* const digest = schema::GetProgram(file)->digest();
  if (!digest) return;
  uint8_t bytes[Sha256::kBytes] = {};
  uint8_t* const place = file + (digest->bytes()->Data() - file);
  std::memcpy(place, bytes, sizeof bytes);
  Sha256 hash;
  hash.update(file, size);
  hash.finish(bytes);
  std::memcpy(place, bytes, sizeof bytes);
}

}  // namespace vitro::converter
