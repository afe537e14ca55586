/* SPDX-License-Identifier: Apache-2.0 */
/* vitro inside a C program on Linux: names what is in a picture. The program (model) is a file, or
 * compiled in:
 *
 *     cc embed.c $(pkg-config --cflags --libs vitro) -lm -o embed
 *     cc -DMODEL_COMPILED_IN embed.c model.c $(pkg-config --cflags --libs vitro) -lm -o embed #
 * model.c, model.h: vitro emit --c-array -o model.c
 */
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vitro/vitro.h>

#ifdef MODEL_COMPILED_IN
#include "model.h"
#define ARENA_BYTES MODEL_ARENA_BYTES
#define ARENA_REMEDY "emit it again with the vitro of this library"
#else
#ifndef ARENA_BYTES
#define ARENA_BYTES \
  (512 * 1024) /* `vitro inspect` says what a program needs; DeiT-Ti at 224 x 224: 245 KiB */
#endif
#define ARENA_REMEDY "compile with -DARENA_BYTES= that many"
#endif

enum { TOP = 3, MAX_HEADER = 4096 };
enum {
  DONE = 0,
  USAGE = 2,
  NO_MODEL = 3,
  MODEL_REFUSED = 4,
  ARENA_REFUSED = 5,
  CPU_REFUSED = 6,
  WRONG_LOGITS = 7,
  PICTURE_REFUSED = 8,
  NO_OUTPUT = 9
};

/* All the memory that vitro ever uses. */
static _Alignas(VITRO_ALIGNMENT) unsigned char arena[ARENA_BYTES];

static void refuse(int code, const char* what, const char* why, const char* remedy) {
  fprintf(stderr, "embed: %s: %s; %s\n", what, why, remedy);
  exit(code);
}

static vitro_program verify(const char* name, const void* data, size_t bytes) {
  vitro_program program;
  const vitro_status status = vitro_open(data, bytes, &program);
  if (status != VITRO_OK)
    refuse(MODEL_REFUSED, name, program.fault ? program.fault : vitro_status_text(status),
           "convert it again with the vitro of this library");
  return program;
}

#ifdef MODEL_COMPILED_IN

static vitro_program open_model(const char* name) {
  return verify(name, model_program, MODEL_PROGRAM_BYTES);
}

#else

/* Read, not mapped: a mapped file that somebody writes to or cuts short changes under a program
 * that was verified before. One that nobody may write to (dm-verity, a read-only partition) can be
 * mapped; a page starts at a multiple of VITRO_ALIGNMENT. */
static vitro_program open_model(const char* path) {
  struct stat about;
  const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0 || fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0)
    refuse(NO_MODEL, path, "cannot be opened as a file with anything in it",
           "name a program that 'vitro convert' has written");
  const size_t bytes = (size_t)about.st_size;
  unsigned char* const data = aligned_alloc(
      VITRO_ALIGNMENT, (bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT);
  if (!data) refuse(NO_MODEL, path, "is larger than the memory", "free some memory");
  size_t have = 0;
  while (have < bytes) {
    const ssize_t count = read(file, data + have, bytes - have);
    if (count <= 0) refuse(NO_MODEL, path, "cannot be read to its end", "copy the file again");
    have += (size_t)count;
  }
  close(file);
  return verify(path, data, bytes);
}

#endif

/* The next number of a PPM's header, or -1; '#' begins a comment. */
static long next_number(FILE* file) {
  int c = getc(file);
  while (c == '#' || c == ' ' || c == '\t' || c == '\r' || c == '\n') {
    if (c == '#')
      while (c != '\n' && c != EOF) c = getc(file);
    c = getc(file);
  }
  long number = -1;
  for (; c >= '0' && c <= '9' && number < 1000000; c = getc(file))
    number = (number < 0 ? 0 : number * 10) + (c - '0');
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' ? number
                                                         : -1; /* one white space ends the header */
}

/* Fills `pixels` from a binary PPM, or from a file of RGB bytes alone, of the model's size. */
static void read_picture(const vitro_program* program, const char* path, uint8_t* pixels,
                         size_t bytes) {
  const long side_x = (long)vitro_image_width(program), side_y = (long)vitro_image_height(program);
  char why[160], remedy[100];
  snprintf(remedy, sizeof remedy, "give a binary PPM, or RGB bytes alone, %ld wide and %ld high",
           side_x, side_y);
  FILE* const file = fopen(path, "rb");
  struct stat about;
  if (!file || fstat(fileno(file), &about) != 0 || !S_ISREG(about.st_mode)) {
    refuse(PICTURE_REFUSED, path, "cannot be opened as a file", remedy);
    return;
  }
  if ((size_t)about.st_size != bytes) {
    if (getc(file) != 'P' || getc(file) != '6') {
      snprintf(why, sizeof why, "no PPM (P6), and its %lld bytes are not the %zu of a picture",
               (long long)about.st_size, bytes);
      refuse(PICTURE_REFUSED, path, why, remedy);
    }
    const long width = next_number(file), height = next_number(file), maximum = next_number(file);
    if (width != side_x || height != side_y || maximum != 255) {
      snprintf(why, sizeof why, "a PPM of %ld x %ld pixels with values up to %ld", width, height,
               maximum);
      refuse(PICTURE_REFUSED, path, why, remedy);
    }
  }
  if (fread(pixels, 1, bytes, file) != bytes)
    refuse(PICTURE_REFUSED, path, "ends before its last pixel", remedy);
  fclose(file);
}

static void print_top(const vitro_program* program, const float* logits) {
  const size_t classes = vitro_class_count(program);
  size_t top[TOP], found = 0;
  for (size_t i = 0; i < classes; ++i) {
    size_t at = found;
    while (at > 0 && logits[i] > logits[top[at - 1]]) --at;
    if (at == TOP) continue;
    if (found < TOP) ++found;
    memmove(&top[at + 1], &top[at], (found - 1 - at) * sizeof top[0]);
    top[at] = i;
  }
  double sum = 0;
  for (size_t i = 0; i < classes; ++i) sum += exp(logits[i] - logits[top[0]]);
  for (size_t rank = 0; rank < found; ++rank) {
    const char* const label = vitro_label(program, top[rank]);
    printf("%6.2f %%  ", 100 * exp(logits[top[rank]] - logits[top[0]]) / sum);
    if (label) {
      printf("%s\n", label);
    } else {
      printf("class %zu\n", top[rank]);
    }
  }
}

static void print_outputs(const vitro_program* program, const vitro_session* session) {
  vitro_output_info output;
  for (size_t i = 0; vitro_output(program, i, &output) == VITRO_OK; ++i) {
    const float* const values = vitro_output_values(session, i);
    double squares = 0;
    for (size_t j = 0; j < output.rows * output.cols; ++j)
      squares += (double)values[j] * (double)values[j];
    printf("%s: %zu x %zu values, norm %.6g\n", output.name, output.rows, output.cols,
           sqrt(squares));
  }
}

int main(int argc, char** argv) {
#ifdef MODEL_COMPILED_IN
  const char* const model = "the model compiled in";
  const int at = 1;
#else
  const char* const model = argc > 1 ? argv[1] : "";
  const int at = 2;
#endif
  const char* const flag = argc > at + 1 ? argv[at + 1] : "";
  const int raw = strcmp(flag, "--logits") == 0, test = strcmp(flag, "--self-test") == 0;
  if (argc <= at || argc > at + 2 || (argc == at + 2 && !raw && !test)) {
    fprintf(stderr,
            "usage: embed %sPICTURE [--logits | --self-test]\n"
            "  --logits     print them as float32 bytes instead of names (of a model without\n"
            "               logits, the values of its first output)\n"
            "  --self-test  first run the golden vectors: does this machine compute what the "
            "converter's did?\n",
            at == 2 ? "MODEL.vitro " : "");
    return USAGE;
  }

  const vitro_program program = open_model(model);
  char why[120];
  vitro_session* session;
  const vitro_status bound = vitro_bind(&program, NULL, arena, sizeof arena, &session);
  if (bound == VITRO_ARENA_TOO_SMALL) {
    snprintf(why, sizeof why, "needs an arena of %zu bytes and has %zu",
             vitro_arena_bytes(&program, 1), sizeof arena);
    refuse(ARENA_REFUSED, model, why, ARENA_REMEDY);
  }
  if (bound != VITRO_OK)
    refuse(CPU_REFUSED, model, vitro_status_text(bound), "build vitro for this machine");
  const vitro_status tested = test ? vitro_self_test(session) : VITRO_OK;
  if (tested != VITRO_OK)
    refuse(WRONG_LOGITS, model, vitro_status_text(tested),
           tested == VITRO_NO_GOLDEN ? "convert again: the tool writes golden vectors"
                                     : "please report the CPU and the compiler");

  size_t bytes;
  uint8_t* const pixels =
      vitro_input(session, &bytes); /* a run overwrites it: fill it before each */
  read_picture(&program, argv[at], pixels, bytes);
  const float* const values = vitro_run(session);

  if (raw) {
    vitro_output_info first;
    vitro_output(&program, 0, &first);
    fwrite(values, sizeof *values, first.rows * first.cols, stdout);
  } else if (vitro_class_count(&program) > 0) {
    print_top(&program, values);
  } else {
    print_outputs(&program, session);
  }
  if (fflush(stdout) != 0 || ferror(stdout))
    refuse(NO_OUTPUT, "standard output", "cannot be written", "give it room, or another place");
  return DONE;
}
