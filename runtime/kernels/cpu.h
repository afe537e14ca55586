// SPDX-License-Identifier: Apache-2.0
// What the CPU that we run on can execute. A variant that the compiler's baseline already allows
// needs no question at run time.
#pragma once

namespace vitro {

bool cpu_has_avx512_vnni();
bool cpu_has_avx_vnni();
bool cpu_has_avx2();
bool cpu_has_neon();
bool cpu_has_neon_dotprod();
bool cpu_has_neon_i8mm();
bool cpu_has_helium();
bool cpu_has_dsp();
bool cpu_has_reference();
/// Instructions for SHA-256: x86's SHA extensions, AArch64's SHA2.
bool cpu_has_sha256();

}  // namespace vitro
