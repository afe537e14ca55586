// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/signature.h"

namespace vitro {

const bool kSignatureVerified = false;

vitro_status accept_program(const void* data, size_t size, vitro_signed_program& program) {
  const vitro_status status = vitro_signed_read(data, size, &program);
  return status == VITRO_UNSIGNED ? VITRO_OK : status;
}

}  // namespace vitro
