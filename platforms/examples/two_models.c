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

/* Read, not mapped: what is verified here must be what runs, even if somebody writes to the file.
 */
static vitro_program open_model(const char* path) {
  FILE* file = fopen(path, "rb");
  check(file && fseek(file, 0, SEEK_END) == 0, path, "cannot be opened");
  const long end = ftell(file);
  check(end > 0 && fseek(file, 0, SEEK_SET) == 0, path, "has no size");
  const size_t size = (size_t)end;
  void* data = aligned_memory(size); /* for as long as the program is used: here, to the end */
  check(data != NULL, path, "is larger than the memory");
  check(fread(data, 1, size, file) == size, path, "cannot be read to its end");
  fclose(file);
  vitro_program program;
  const vitro_status status = vitro_open(data, size, &program);
  check(status == VITRO_OK, path, program.fault ? program.fault : vitro_status_text(status));
  return program;
}

static void read_picture(const char* path, uint8_t* pixels, size_t bytes) {
  FILE* file = fopen(path, "rb");
  check(file && fread(pixels, 1, bytes, file) == bytes, path, "has too few RGB bytes");
  fclose(file);
}

int main(int argc, char** argv) {
  check(argc > 2 && argc - 2 <= MOST_MODELS, "usage", "two_models PICTURE.rgb MODEL.vitro...");
  const int models = argc - 2;

  /* Verified once, whatever is bound afterwards. */
  vitro_program programs[MOST_MODELS];
  size_t largest = 0;
  for (int i = 0; i < models; ++i) {
    programs[i] = open_model(argv[i + 2]);
    const size_t bytes = vitro_arena_bytes(&programs[i], 1);
    if (bytes > largest) largest = bytes;
  }
  void* arena = aligned_memory(largest);
  check(arena != NULL, "arena", "no memory");

  for (int i = 0; i < models; ++i) {
    vitro_session* session; /* the one before is over: its arena is reused */
    const vitro_status status = vitro_bind(&programs[i], NULL, arena, largest, &session);
    check(status == VITRO_OK, argv[i + 2], vitro_status_text(status));

    size_t bytes, best = 0;
    uint8_t* pixels = vitro_input(session, &bytes);
    read_picture(argv[1], pixels, bytes);
    const float* logits = vitro_run(session); /* valid until the arena is bound again */
    for (size_t k = 1; k < vitro_class_count(&programs[i]); ++k)
      if (logits[k] > logits[best]) best = k;
    const char* label = vitro_label(&programs[i], best);
    printf("%s: class %zu, %s\n", argv[i + 2], best, label ? label : "without a name");
  }
  free(arena);
  return 0;
}
