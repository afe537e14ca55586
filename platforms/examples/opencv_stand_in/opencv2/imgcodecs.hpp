// SPDX-License-Identifier: Apache-2.0
// What opencv.cpp uses of OpenCV, for where there is none: it compiles and runs, and reads binary
// PPM files alone. Not OpenCV.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

constexpr int CV_8UC3 = 16;

namespace cv {

struct Mat {
  int rows = 0, cols = 0;
  unsigned char* data = nullptr;
  size_t step[2] = {0, 3};
  std::vector<unsigned char> memory;

  bool empty() const { return rows == 0; }
  static int type() { return CV_8UC3; }
};

inline Mat imread(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic;
  Mat m;
  int most = 0;
  file >> magic >> m.cols >> m.rows >> most;
  file.get();
  m.step[0] = static_cast<size_t>(m.cols) * 3;
  m.memory.resize(m.step[0] * static_cast<size_t>(m.rows));
  m.data = m.memory.data();
  file.read(reinterpret_cast<char*>(m.data), static_cast<std::streamsize>(m.memory.size()));
  if (!file || magic != "P6" || most != 255) return Mat();
  for (size_t i = 0; i < m.memory.size(); i += 3) std::swap(m.data[i], m.data[i + 2]);
  return m;
}

}  // namespace cv
