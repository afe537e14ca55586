// SPDX-License-Identifier: Apache-2.0
// picture_pixels: decodes and prepares pictures as the tool does, for scripts that compare the
// result with Pillow. Reads commands from stdin, one a line, with fields separated by tabs:
//
//   decoder                   answers with a line that names the JPEG decoder
//   load FILE ORIENTATION     answers with the decoded picture
//   prepare FILE ORIENTATION MODE WIDTH HEIGHT FILTER CENTRING WINDOW_WIDTH WINDOW_HEIGHT RED GREEN
//           BLUE PASSES       (on one line) answers with the picture as a program takes it
//
// Enumerations are numbers, as in converter/base/preprocessing.h. The answer with a picture is a
// line "WIDTH HEIGHT" and the RGB bytes; a refusal is a line "refused MESSAGE".
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "converter/base/error.h"
#include "platforms/host/pictures/picture.h"

namespace {

vitro::Preprocessing read_preprocessing(std::istream& in, vitro::Orientation orientation) {
  vitro::Preprocessing p;
  int mode = 0, filter = 0, centring = 0, passes = 0, fill[3] = {};
  in >> mode >> p.resize_width >> p.resize_height >> filter >> centring >> p.image_width >>
      p.image_height >> fill[0] >> fill[1] >> fill[2] >> passes;
  p.mode = static_cast<vitro::ResizeMode>(mode);
  p.filter = static_cast<vitro::ResizeFilter>(filter);
  p.centring = static_cast<vitro::Centring>(centring);
  p.orientation = orientation;
  p.passes = static_cast<vitro::PassOrder>(passes);
  for (int c = 0; c < 3; ++c) p.fill[c] = static_cast<uint8_t>(fill[c]);
  return p;
}

void answer(size_t width, size_t height, const std::vector<uint8_t>& rgb) {
  std::printf("%zu %zu\n", width, height);
  std::fwrite(rgb.data(), 1, rgb.size(), stdout);
}

}  // namespace

int main() {
  std::string line, what, file;
  while (std::getline(std::cin, line)) {
    std::istringstream in(line);
    std::getline(in, what, '\t');
    if (what == "decoder") {
      std::printf("%s\n", vitro::host::jpeg_decoder().c_str());
      std::fflush(stdout);
      continue;
    }
    std::getline(in, file, '\t');
    int orientation = 0;
    in >> orientation;
    try {
      if (what == "load") {
        const vitro::host::Picture picture =
            vitro::host::load_picture(file, static_cast<vitro::Orientation>(orientation));
        answer(picture.width, picture.height, picture.rgb);
      } else {
        const vitro::Preprocessing p =
            read_preprocessing(in, static_cast<vitro::Orientation>(orientation));
        if (!in) return std::fprintf(stderr, "bad line: %s\n", line.c_str()), 2;
        answer(p.image_width, p.image_height, vitro::host::prepare_picture(file, p));
      }
    } catch (const vitro::InputError& error) {
      std::printf("refused %s\n", error.what());
    }
    std::fflush(stdout);
  }
}
