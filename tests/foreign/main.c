/* SPDX-License-Identifier: Apache-2.0 */
/* What somebody else's firmware does with the runtime: binds the program that is compiled in and
   runs its golden vectors. Prints "golden ok" and the kernels that did it. */
#include "model.h"
#include "vitro/vitro.h"

/* The board's, or stdio's. */
void print(const char* text);

__attribute__((aligned(64))) static unsigned char arena[MODEL_ARENA_BYTES];

static int fail(const char* what, vitro_status status) {
  print(what);
  print(": ");
  print(vitro_status_text(status));
  print("\n");
  return 1;
}

int main(void) {
  vitro_program program;
  vitro_session* session;
  vitro_status status = vitro_open(model_program, MODEL_PROGRAM_BYTES, &program);
  if (status != VITRO_OK) return fail("open", status);
  status = vitro_bind(&program, 0, arena, sizeof arena, &session);
  if (status != VITRO_OK) return fail("bind", status);
  status = vitro_self_test(session);
  if (status != VITRO_OK) return fail("self test", status);
  print("golden ok ");
  print(vitro_isa_name(0));
  print("\n");
  return 0;
}
