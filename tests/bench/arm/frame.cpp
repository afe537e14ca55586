// SPDX-License-Identifier: Apache-2.0
// frame crop|squash COUNT: converts a camera's frame, 640 x 480 of NV12, into the picture of
// DeiT-Ti COUNT times, and does nothing that depends on time, so that its instructions can be
// counted. crop: the shorter side becomes 256 pixels, and the middle is cut out; squash: the whole
// frame becomes 224 x 224.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "runtime/core/golden.h"
#include "vitro/vitro_picture.h"

int main(int argc, char** argv) {
  const bool squash = argc == 4 && std::strcmp(argv[1], "squash") == 0;
  if (argc != 4 || (!squash && std::strcmp(argv[1], "crop") != 0))
    return std::fprintf(stderr, "usage: frame crop|squash SEED COUNT\n"), 2;
  vitro_preprocessing preprocessing = {};
  preprocessing.image_width = preprocessing.image_height = 224;
  preprocessing.resize_width = preprocessing.resize_height = squash ? 224 : 256;
  preprocessing.mode = squash ? VITRO_RESIZE_EXACT : VITRO_RESIZE_SHORTER_SIDE;
  preprocessing.filter = VITRO_FILTER_BICUBIC;
  vitro_frame frame = {};
  frame.width = 640;
  frame.height = 480;
  frame.format = VITRO_PIXELS_NV12;
  frame.colours = VITRO_COLOURS_BT601_FULL;
  std::vector<uint8_t> nv12(size_t{640} * 480 * 3 / 2), pixels(size_t{224} * 224 * 3);
  vitro::golden_picture(static_cast<uint32_t>(std::atol(argv[2])), nv12.data(), nv12.size());
  vitro_picture_info info;
  vitro_picture* picture = nullptr;
  if (vitro_picture_plan(&preprocessing, &frame, &info) != VITRO_OK) return 1;
  void* const workspace = std::aligned_alloc(
      VITRO_ALIGNMENT, (info.workspace_bytes / VITRO_ALIGNMENT + 1) * VITRO_ALIGNMENT);
  if (vitro_picture_bind(&preprocessing, &frame, workspace, info.workspace_bytes, &picture) !=
      VITRO_OK)
    return 1;
  const vitro_planes planes = {{nv12.data()}, {nv12.size()}};
  for (long i = std::atol(argv[3]); i > 0; --i)
    if (vitro_picture_convert(picture, &planes, pixels.data(), pixels.size()) != VITRO_OK) return 1;
}
