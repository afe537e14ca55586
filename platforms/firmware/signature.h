// SPDX-License-Identifier: Apache-2.0
// Who made the program of a flash image: asked before a byte of it is interpreted. An image links
// one of signature_required.cpp and signature_optional.cpp.
#pragma once

#include "vitro/vitro_signed.h"

namespace vitro {

/// As vitro_signed_check(). Of firmware that demands no signature, an unsigned program's extent is
/// all of it, and a trailer is read and not verified.
vitro_status accept_program(const void* data, size_t size, vitro_signed_program& program);

/// Whether accept_program() verifies: then every byte of what it accepts is as it was signed.
extern const bool kSignatureVerified;

}  // namespace vitro
