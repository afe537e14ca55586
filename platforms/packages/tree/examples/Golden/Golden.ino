// SPDX-License-Identifier: Apache-2.0
// Binds a program that is compiled in, and runs its golden vectors. The program is in model.c and
// model.h, which 'vitro emit -m MODEL.vitro --c-array -o model.c' writes: put both beside this file.
#include <vitro.h>

#include "model.h"

alignas(VITRO_ALIGNMENT) static uint8_t arena[MODEL_ARENA_BYTES];

// Prints what did not go well, and answers whether all did.
static bool well(const char* what, vitro_status status) {
  if (status == VITRO_OK) return true;
  Serial.print(what);
  Serial.print(": ");
  Serial.println(vitro_status_text(status));
  return false;
}

void setup() {
  Serial.begin(115200);
  vitro_program program;
  vitro_session* session;
  if (!well("open", vitro_open(model_program, MODEL_PROGRAM_BYTES, &program)) ||
      !well("bind", vitro_bind(&program, nullptr, arena, sizeof arena, &session)) ||
      !well("self test", vitro_self_test(session)))
    return;
  Serial.print("golden ok ");
  Serial.println(vitro_session_isa(session));
}

void loop() {}
