// SPDX-License-Identifier: Apache-2.0
// Whether a program is the file that was written, to the bit. Beside the other stages, so that
// SHA-256 is linked only where somebody asks.
#include <string.h>

#include "runtime/digest/sha256.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

extern "C" vitro_status vitro_program_check(const vitro_program* program) {
  using namespace vitro;
  if (!program || !program->data) return VITRO_BAD_ARGUMENT;
  const schema::Program& p = *schema::GetProgram(program->data);
  if (!p.digest())
    return p.provenance() && p.provenance()->digest() ? VITRO_DIGEST_MISMATCH : VITRO_NO_DIGEST;
  const uint8_t* const file = static_cast<const uint8_t*>(program->data);
  const uint8_t* const stored = p.digest()->bytes()->Data();
  uint8_t computed[Sha256::kBytes] = {};
  Sha256 hash;
  hash.update(file, static_cast<size_t>(stored - file));
  hash.update(computed, sizeof computed);  // zeros in the digest's place
  const uint8_t* const rest = stored + sizeof computed;
  hash.update(rest, program->size - static_cast<size_t>(rest - file));
  hash.finish(computed);
  return memcmp(stored, computed, sizeof computed) == 0 ? VITRO_OK : VITRO_DIGEST_MISMATCH;
}
