// SPDX-License-Identifier: Apache-2.0
// frame_pixels: converts raw frames by vitro_picture.h, for scripts that compare the result with
// Pillow. Reads lines of numbers from stdin, separated by tabs, after the file's name:
//
//   FILE FORMAT COLOURS WIDTH HEIGHT STRIDE STRIDE STRIDE BYTES BYTES BYTES LEFT TOP WIDTH HEIGHT
//   ROTATION MIRRORED MODE WIDTH HEIGHT FILTER CENTRING WINDOW_WIDTH WINDOW_HEIGHT RED GREEN BLUE
//   PASSES
//
// FILE has the planes, one after the other, of BYTES each. The answer is a line "WIDTH HEIGHT" and
// the RGB bytes, or a line "refused MESSAGE".
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <new>
#include <sstream>
#include <string>
#include <vector>

#include "vitro/vitro_picture.h"

namespace {

struct Delete {
  void operator()(void* p) const { ::operator delete (p, std::align_val_t{VITRO_ALIGNMENT}); }
};

struct Question {
  vitro_preprocessing preprocessing{};
  vitro_frame frame{};
  size_t bytes[3] = {};
};

template <class Enum>
void read(std::istream& in, Enum& value) {
  int number = 0;
  in >> number;
  value = static_cast<Enum>(number);
}

Question read_question(std::istream& in) {
  Question q;
  vitro_frame& f = q.frame;
  vitro_preprocessing& p = q.preprocessing;
  read(in, f.format);
  read(in, f.colours);
  in >> f.width >> f.height;
  for (size_t& stride : f.strides) in >> stride;
  for (size_t& bytes : q.bytes) in >> bytes;
  in >> f.region_left >> f.region_top >> f.region_width >> f.region_height;
  in >> f.rotation >> f.mirrored;
  read(in, p.mode);
  in >> p.resize_width >> p.resize_height;
  read(in, p.filter);
  read(in, p.centring);
  in >> p.image_width >> p.image_height;
  for (uint8_t& fill : p.fill) read(in, fill);
  read(in, p.passes);
  return q;
}

void answer(const Question& q, const std::vector<uint8_t>& file) {
  vitro_picture_info info{};
  if (vitro_picture_plan(&q.preprocessing, &q.frame, &info) != VITRO_OK) {
    std::printf("refused %s\n", info.fault);
    return;
  }
  const std::unique_ptr<void, Delete> workspace(
      ::operator new (info.workspace_bytes, std::align_val_t{VITRO_ALIGNMENT}));
  vitro_picture* picture = nullptr;
  vitro_planes planes{};
  const uint8_t* at = file.data();
  for (size_t i = 0; i < 3; at += q.bytes[i++])
    if (q.bytes[i] != 0) planes.data[i] = at, planes.bytes[i] = q.bytes[i];
  std::vector<uint8_t> rgb(q.preprocessing.image_width * q.preprocessing.image_height * 3);
  vitro_status status = vitro_picture_bind(&q.preprocessing, &q.frame, workspace.get(),
                                           info.workspace_bytes, &picture);
  if (status == VITRO_OK) status = vitro_picture_convert(picture, &planes, rgb.data(), rgb.size());
  if (status != VITRO_OK) {
    std::printf("refused %s\n", vitro_status_text(status));
    return;
  }
  std::printf("%zu %zu\n", q.preprocessing.image_width, q.preprocessing.image_height);
  std::fwrite(rgb.data(), 1, rgb.size(), stdout);
}

}  // namespace

int main() {
  std::string line, name;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    std::getline(in, name, '\t');
    const Question question = read_question(in);
    if (!in) return std::fprintf(stderr, "bad line: %s\n", line.c_str()), 2;
    std::ifstream file(name, std::ios::binary);
    answer(question, {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    std::fflush(stdout);
  }
}
