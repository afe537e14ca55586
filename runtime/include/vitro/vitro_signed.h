/* SPDX-License-Identifier: Apache-2.0 */
/* Signed programs: who made a program is settled before a byte of it is interpreted. A signed
 * program is a program with a trailer behind it (`vitro sign` writes it):
 *
 *     program | magic, 8 bytes "VTROSIGN" | version, 1 | 0 | counter | size of the program |
 *     SHA-256 of the public key | Ed25519 signature, 64 bytes
 *
 * version and the 0 are 32-bit, counter and size 64-bit, little-endian; the trailer has
 * VITRO_TRAILER_BYTES. What is signed are VITRO_SIGNED_BYTES: "vitro signed program" with zeros to
 * 32 bytes, the trailer without the signature, the SHA-256 of the program.
 *
 * The library has no cryptography but SHA-256: the caller brings a function that verifies Ed25519
 * (libsodium's, a secure element's). No allocation, no state. */
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

/** Verifies an Ed25519 signature (RFC 8032) of `bytes` bytes at `message`: 0 when it is right,
 * anything else when not. */
typedef int (*vitro_verify_signature)(const uint8_t* signature, const uint8_t* message,
                                      size_t bytes, const uint8_t* public_key);

/** What a device accepts. */
typedef struct vitro_signature_policy {
  const uint8_t* public_key; /**< VITRO_PUBLIC_KEY_BYTES */
  uint64_t least_counter;    /**< programs of lower counters are refused: store the highest that was
                                accepted where nobody can lower it */
  vitro_verify_signature verify;
} vitro_signature_policy;

/** What a trailer says. */
typedef struct vitro_signed_program {
  size_t size;      /**< of the program, which starts where the file does: for vitro_open() */
  uint64_t counter; /**< rises with each release */
  const uint8_t* key_sha256; /**< of the public key: 32 bytes inside the trailer */
} vitro_signed_program;

/** Reads the trailer and believes it: nothing is verified. VITRO_UNSIGNED, and `size` as it was
 * given, where there is none; VITRO_UNSUPPORTED and VITRO_SIGNATURE_MISMATCH, and a `size` of 0,
 * where it is of a newer version or not of a file of this size. */
vitro_status vitro_signed_read(const void* data, size_t size, vitro_signed_program* program);

/** Verifies that the owner of the key signed exactly these `size` bytes at `data`, and with a
 * counter that is not too low, before anything of the program is interpreted. Then pass `data` and
 * program->size to vitro_open(); the bytes must not have changed since. VITRO_UNSIGNED,
 * VITRO_UNSUPPORTED, VITRO_OTHER_KEY, VITRO_SIGNATURE_MISMATCH, VITRO_ROLLED_BACK or
 * VITRO_BAD_ARGUMENT where it refuses, and a `size` of 0. `data` may lie anywhere. */
vitro_status vitro_signed_check(const void* data, size_t size, const vitro_signature_policy* policy,
                                vitro_signed_program* program);

/** What is signed, of a trailer whose signature may be missing yet: VITRO_SIGNED_BYTES to
 * `message`. For those who sign. */
void vitro_signed_message(const void* data, size_t size, const uint8_t* trailer, uint8_t* message);

#ifdef __cplusplus
}
#endif

#endif /* VITRO_VITRO_SIGNED_H_ */
