/* SPDX-License-Identifier: Apache-2.0 */
/* The likeliest class of each frame of a camera: camera_v4l2 /dev/video0 [FRAMES] */
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <vitro/vitro_picture.h>

#include "cifar10_vit.h" /* vitro emit --c-array */

static _Alignas(VITRO_ALIGNMENT) unsigned char arena[CIFAR10_VIT_ARENA_BYTES], workspace[1 << 16];

static void check(int good, const char* what) {
  if (!good) fprintf(stderr, "camera_v4l2: %s\n", what);
  if (!good) exit(1);
}

int main(int argc, char** argv) {
  const int camera = argc > 1 ? open(argv[1], O_RDWR) : -1;
  check(camera >= 0, "name a camera, such as /dev/video0");
  struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
  struct v4l2_pix_format* pix = &format.fmt.pix; /* as the driver changes it */
  *pix = (struct v4l2_pix_format){.width = 640, .height = 480, .pixelformat = V4L2_PIX_FMT_YUYV};
  check(ioctl(camera, VIDIOC_S_FMT, &format) == 0, "not a camera");
  check(pix->pixelformat == V4L2_PIX_FMT_YUYV, "the camera has no YUYV");
  struct v4l2_buffer buffer = {.type = format.type, .memory = V4L2_MEMORY_MMAP};
  struct v4l2_requestbuffers wanted = {.count = 1, .type = buffer.type, .memory = buffer.memory};
  check(!ioctl(camera, VIDIOC_REQBUFS, &wanted), "the camera has no frame to map");
  check(!ioctl(camera, VIDIOC_QUERYBUF, &buffer), "the camera's frame is not known");
  uint8_t* pixels = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, camera, buffer.m.offset);
  check(pixels != MAP_FAILED, "no memory for a frame");
  vitro_program program;
  vitro_session* session;
  vitro_preprocessing preprocessing;
  vitro_picture* picture;
  const int full = pix->quantization == V4L2_QUANTIZATION_FULL_RANGE;
  const vitro_frame frame = {.width = pix->width,
                             .height = pix->height,
                             .format = VITRO_PIXELS_YUYV,
                             .colours = full ? VITRO_COLOURS_BT601_FULL : VITRO_COLOURS_BT601,
                             .strides = {pix->bytesperline}};
  check(!vitro_open(cifar10_vit_program, CIFAR10_VIT_PROGRAM_BYTES, &program), "no program");
  check(!vitro_bind(&program, NULL, arena, sizeof arena, &session), "the arena is too small");
  vitro_preprocessing_of(&program, &preprocessing);
  check(!vitro_picture_bind(&preprocessing, &frame, workspace, sizeof workspace, &picture),
        "such a frame cannot be prepared");
  size_t bytes;
  uint8_t* input = vitro_input(session, &bytes);
  check(ioctl(camera, VIDIOC_STREAMON, &format.type) == 0, "the camera does not start");
  for (long left = argc > 2 ? atol(argv[2]) : -1; left != 0; --left) {
    check(!ioctl(camera, VIDIOC_QBUF, &buffer), "no frame is taken");
    check(!ioctl(camera, VIDIOC_DQBUF, &buffer), "no frame comes");
    const vitro_planes planes = {{pixels}, {buffer.bytesused}};
    if (vitro_picture_convert(picture, &planes, input, bytes) != VITRO_OK) continue; /* cut short */
    vitro_answer best;
    if (vitro_top(&program, vitro_run(session), &best, 1) == 1) puts(best.label);
  }
}
