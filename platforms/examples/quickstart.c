/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest program with vitro in it: the model compiled in, one static arena, one picture of
 * RGB bytes. README.md says where model and picture come from. */
#include <stdio.h>
#include <vitro/vitro.h>

#include "cifar10_vit.h" /* vitro emit -m cifar10_vit.vitro --c-array -o cifar10_vit.c */

/* All the memory that vitro ever uses. */
static _Alignas(VITRO_ALIGNMENT) unsigned char arena[CIFAR10_VIT_ARENA_BYTES];

static int fail(const char* what) {
  fprintf(stderr, "quickstart: %s\n", what);
  return 1;
}

int main(int argc, char** argv) {
  vitro_program program;
  if (vitro_open(cifar10_vit_program, CIFAR10_VIT_PROGRAM_BYTES, &program) != VITRO_OK)
    return fail(program.fault);

  vitro_session* session;
  if (vitro_bind(&program, NULL, arena, sizeof arena, &session) != VITRO_OK)
    return fail("the arena is too small");

  size_t bytes; /* 32 x 32 x 3 */
  uint8_t* pixels = vitro_input(session, &bytes);
  FILE* picture = argc > 1 ? fopen(argv[1], "rb") : NULL;
  if (!picture || fread(pixels, 1, bytes, picture) != bytes)
    return fail("name a file of 32 x 32 RGB pixels");
  fclose(picture);

  vitro_answer best;
  if (vitro_top(&program, vitro_run(session), &best, 1) == 1) puts(best.label);
  return 0;
}
