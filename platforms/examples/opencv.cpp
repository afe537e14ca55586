// SPDX-License-Identifier: Apache-2.0
// A picture of OpenCV, whatever its size, to a model: opencv_frame MODEL.vitro PICTURE
#include <vitro/vitro_picture.h>
#include <cstdio>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <vector>
#include <vitro/vitro.hpp>

namespace {

struct alignas(VITRO_ALIGNMENT) Block {
  unsigned char bytes[VITRO_ALIGNMENT];
};
using Memory = std::vector<Block>;
Memory memory_of(size_t bytes) { return Memory((bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT); }

int fail(const char* what) { return std::fprintf(stderr, "opencv_frame: %s\n", what), 1; }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return fail("opencv_frame MODEL.vitro PICTURE");
  std::ifstream file(argv[1], std::ios::binary | std::ios::ate);
  const auto size = static_cast<size_t>(file ? static_cast<long long>(file.tellg()) : 0);
  Memory model = memory_of(size);  // stays as long as the program is used
  if (!file.seekg(0).read(reinterpret_cast<char*>(model.data()),
                          static_cast<std::streamsize>(size)))
    return fail("the model cannot be read");
  vitro::Program program;
  if (program.open(model.data(), size) != VITRO_OK) return fail("that is no model");
  Memory arena = memory_of(program.arena_bytes());
  vitro::Session session;
  if (session.bind(program, arena.data(), program.arena_bytes()) != VITRO_OK) return fail("arena");

  const cv::Mat mat = cv::imread(argv[2]);  // or cv::VideoCapture: 8 bits, BGR
  if (mat.empty() || mat.type() != CV_8UC3) return fail("the picture cannot be read");
  vitro_frame frame{};
  frame.format = VITRO_PIXELS_BGR;
  frame.width = static_cast<size_t>(mat.cols);
  frame.height = static_cast<size_t>(mat.rows);
  frame.strides[0] = mat.step[0];  // a region of another Mat has gaps between its lines
  vitro_preprocessing preprocessing;
  vitro_picture_info info;
  vitro_preprocessing_of(program.get(), &preprocessing);
  if (vitro_picture_plan(&preprocessing, &frame, &info) != VITRO_OK) return fail(info.fault);
  Memory workspace = memory_of(info.workspace_bytes);
  vitro_picture* picture = nullptr;
  vitro_picture_bind(&preprocessing, &frame, workspace.data(), info.workspace_bytes, &picture);

  size_t bytes = 0;
  uint8_t* const input = session.input(&bytes);
  const vitro_planes planes = {{mat.data}, {mat.step[0] * (frame.height - 1) + frame.width * 3}};
  if (vitro_picture_convert(picture, &planes, input, bytes) != VITRO_OK) return fail("convert");
  vitro_answer best;
  if (program.top(session.run(), &best, 1) != 1) return fail("the model has no classes");
  std::puts(best.label ? best.label : "without a name");
}
