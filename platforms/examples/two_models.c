/* SPDX-License-Identifier: Apache-2.0 */
/* Models take turns in one arena, so memory for the largest is enough for all; to bind again takes
 * less than 0.1 ms. two_models PICTURE.rgb MODEL.vitro... */
#include <stdio.h>
#include <stdlib.h>
#include <vitro/vitro.h>

enum { MOST_MODELS = 8 };

static void check(int good, const char* what, const char* why) {
  if (good) return;
  fprintf(stderr, "two_models: %s: %s\n", what, why);
  exit(1);
}

static void* aligned_memory(size_t bytes) {
  return aligned_alloc(VITRO_ALIGNMENT,
                       (bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT);
}

/* Read, not mapped: what is verified must be what runs, even if somebody writes to the file. */
static vitro_program open_model(const char* path) {
  FILE* file = fopen(path, "rb");
  check(file && fseek(file, 0, SEEK_END) == 0 && ftell(file) > 0, path, "cannot be opened");
  const size_t size = (size_t)ftell(file);
  void* data = aligned_memory(size); /* for as long as the program is used: here, to the end */
  rewind(file);
  check(data && fread(data, 1, size, file) == size, path, "cannot be read to its end");
  fclose(file);
  vitro_program program;
  const vitro_status status = vitro_open(data, size, &program);
  check(status == VITRO_OK, path, program.fault ? program.fault : vitro_status_text(status));
  return program;
}

int main(int argc, char** argv) {
  check(argc > 2 && argc - 2 <= MOST_MODELS, "usage", "two_models PICTURE.rgb MODEL.vitro...");
  vitro_program programs[MOST_MODELS]; /* verified once, whatever is bound afterwards */
  size_t largest = 0;
  for (int i = 0; i < argc - 2; ++i) {
    programs[i] = open_model(argv[i + 2]);
    const size_t bytes = vitro_arena_bytes(&programs[i], 1);
    if (bytes > largest) largest = bytes;
  }
  void* arena = aligned_memory(largest);
  check(arena != NULL, "arena", "no memory");
  for (int i = 0; i < argc - 2; ++i) {
    vitro_session* session; /* the one before is over: its arena is reused */
    const vitro_status status = vitro_bind(&programs[i], NULL, arena, largest, &session);
    check(status == VITRO_OK, argv[i + 2], vitro_status_text(status));
    size_t bytes;
    uint8_t* pixels = vitro_input(session, &bytes);
    FILE* file = fopen(argv[1], "rb");
    check(file && fread(pixels, 1, bytes, file) == bytes, argv[1], "has too few RGB bytes");
    fclose(file);
    vitro_answer best; /* the logits are valid until the arena is bound again */
    if (vitro_top(&programs[i], vitro_run(session), &best, 1) == 1)
      printf("%s: class %zu, %s\n", argv[i + 2], best.index, best.label ? best.label : "no name");
  }
}
