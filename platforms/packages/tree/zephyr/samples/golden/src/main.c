/* SPDX-License-Identifier: Apache-2.0 */
/* Binds the program that is compiled in, and runs its golden vectors. */
#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "model.h"
#include "vitro/vitro.h"

static uint8_t __aligned(VITRO_ALIGNMENT) arena[MODEL_ARENA_BYTES];

static int failed(const char* what, vitro_status status) {
  printk("%s: %s\n", what, vitro_status_text(status));
  return 1;
}

int main(void) {
  vitro_program program;
  vitro_session* session;
  vitro_status status = vitro_open(model_program, MODEL_PROGRAM_BYTES, &program);
  if (status != VITRO_OK) return failed("open", status);
  status = vitro_bind(&program, NULL, arena, sizeof(arena), &session);
  if (status != VITRO_OK) return failed("bind", status);
  status = vitro_self_test(session);
  if (status != VITRO_OK) return failed("self test", status);
  printk("golden ok %s\n", vitro_session_isa(session));
  return 0;
}
