/* SPDX-License-Identifier: Apache-2.0 */
/* A microcontroller whose camera delivers lines by DMA, into two buffers in turns: while one is
 * filled, the other is resized. There is no memory for a frame. The three functions of the board
 * are in camera_simulated.c; on a board they start a DMA transfer and wait for its interrupt. */
#include <vitro/vitro_picture.h>

#include "cifar10_vit.h" /* vitro emit -m cifar10_vit.vitro --c-array -o cifar10_vit.c */

enum { WIDTH = 160, HEIGHT = 120, LINE_BYTES = WIDTH * 2, WORKSPACE_BYTES = 16 << 10 };

void board_start_line(uint8_t* line, size_t bytes); /* YUYV; the first call starts a frame */
void board_wait_for_line(void);
int board_answer(const vitro_answer* best); /* whether to go on */

static _Alignas(VITRO_ALIGNMENT) unsigned char arena[CIFAR10_VIT_ARENA_BYTES];
static _Alignas(VITRO_ALIGNMENT) unsigned char workspace[WORKSPACE_BYTES];
static uint8_t lines[2][LINE_BYTES];

static vitro_status take_frame(vitro_picture* picture, uint8_t* input, size_t bytes) {
  vitro_status status = vitro_picture_start(picture, input, bytes);
  board_start_line(lines[0], LINE_BYTES);
  for (size_t y = 0; y < HEIGHT && status == VITRO_OK; ++y) {
    board_wait_for_line();
    if (y + 1 < HEIGHT) board_start_line(lines[(y + 1) % 2], LINE_BYTES);
    const uint8_t* const planes[3] = {lines[y % 2]};
    status = vitro_picture_line(picture, y, planes);
  }
  return status;
}

int main(void) {
  vitro_program program;
  vitro_session* session;
  vitro_preprocessing preprocessing;
  vitro_picture* picture;
  const vitro_frame frame = {.width = WIDTH,
                             .height = HEIGHT,
                             .format = VITRO_PIXELS_YUYV,
                             .colours = VITRO_COLOURS_BT601,
                             .rotation = 180}; /* mounted upside down */
  if (vitro_open(cifar10_vit_program, CIFAR10_VIT_PROGRAM_BYTES, &program) != VITRO_OK) return 1;
  if (vitro_bind(&program, NULL, arena, sizeof arena, &session) != VITRO_OK) return 2;
  if (vitro_self_test(session) != VITRO_OK) return 3;
  if (vitro_preprocessing_of(&program, &preprocessing) != VITRO_OK) return 4;
  preprocessing.mode = VITRO_RESIZE_COVER; /* the model was trained with pictures of its own size */
  preprocessing.resize_width = preprocessing.image_width;
  preprocessing.resize_height = preprocessing.image_height;
  if (vitro_picture_bind(&preprocessing, &frame, workspace, sizeof workspace, &picture) != VITRO_OK)
    return 5;
  vitro_answer best;
  do {
    size_t bytes;
    uint8_t* input = vitro_input(session, &bytes);
    if (take_frame(picture, input, bytes) != VITRO_OK) return 6;
    if (vitro_top(&program, vitro_run(session), &best, 1) != 1) return 7;
  } while (board_answer(&best));
  return 0;
}
