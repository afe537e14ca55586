/* SPDX-License-Identifier: Apache-2.0 */
/* Signed programs: a device checks who made a program before it interprets a single byte of it. A
 * signed program is a program followed by a trailer (`vitro sign` writes it):
 *
 *     program | magic, 8 bytes "VTROSIGN" | version, 1 | 0 | counter | size of the program |
 *     SHA-256 of the public key | Ed25519 signature, 64 bytes
 *
 * The version and the 0 have 32 bits, counter and size 64, all little-endian; the trailer has
 * VITRO_TRAILER_BYTES. The signed message has VITRO_SIGNED_BYTES: "vitro signed program" followed
 * by zeros up to 32 bytes, the trailer without the signature, and the SHA-256 of the program.
 *
 * The library has no cryptography except SHA-256: the caller supplies a function that verifies
 * Ed25519 (libsodium's, or a secure element's). It allocates no memory and keeps no state. */
#ifndef VITRO_VITRO_SIGNED_H_
#define VITRO_VITRO_SIGNED_H_

#include "vitro/vitro.h"

#ifdef __cplusplus
extern "C" {
#endif

#define VITRO_TRAILER_BYTES 128
#define VITRO_SIGNED_BYTES 128
#define VITRO_SIGNATURE_BYTES 64
#define VITRO_PUBLIC_KEY_BYTES 32

/** Verifies an Ed25519 signature (RFC 8032) of `bytes` bytes at `message`. Returns 0 when it is
 * valid, anything else when it is not. */
typedef int (*vitro_verify_signature)(const uint8_t* signature, const uint8_t* message,
                                      size_t bytes, const uint8_t* public_key);

/** What a device accepts. */
typedef struct vitro_signature_policy {
  const uint8_t* public_key; /**< VITRO_PUBLIC_KEY_BYTES */
  uint64_t least_counter;    /**< programs with lower counters are refused: store the highest one
                                accepted, in a place where nobody can lower it */
  vitro_verify_signature verify;
} vitro_signature_policy;

/** What a trailer says. */
typedef struct vitro_signed_program {
  size_t size; /**< of the program, which starts where the file does; pass it to vitro_open() */
  uint64_t counter;          /**< rises with each release */
  const uint8_t* key_sha256; /**< of the public key: 32 bytes inside the trailer */
} vitro_signed_program;

/** Reads the trailer and believes it: nothing is verified. VITRO_UNSIGNED, with `size` as
 * program->size, if there is no trailer. With a program->size of 0: VITRO_UNSUPPORTED if its
 * version is newer, VITRO_SIGNATURE_MISMATCH if it does not belong to a file of this size. */
vitro_status vitro_signed_read(const void* data, size_t size, vitro_signed_program* program);

/** Verifies that the owner of the key signed exactly these `size` bytes at `data`, and with a
 * counter that is not too low. Interprets nothing in the program. If it returns VITRO_OK, pass
 * `data` and program->size to vitro_open(); the bytes must not have changed since. If it refuses,
 * it sets program->size to 0 and returns VITRO_UNSIGNED, VITRO_UNSUPPORTED, VITRO_OTHER_KEY,
 * VITRO_SIGNATURE_MISMATCH, VITRO_ROLLED_BACK or VITRO_BAD_ARGUMENT. `data` needs no alignment. */
vitro_status vitro_signed_check(const void* data, size_t size, const vitro_signature_policy* policy,
                                vitro_signed_program* program);

/** For tools that sign. Writes the VITRO_SIGNED_BYTES that are signed to `message`: those of the
 * `size` bytes of a program at `data` and its trailer, which need not have a signature yet. */
void vitro_signed_message(const void* data, size_t size, const uint8_t* trailer, uint8_t* message);

#ifdef __cplusplus
}
#endif

#endif /* VITRO_VITRO_SIGNED_H_ */
