// A reader for just the .npy files of the test data.
#include "tests/npy.h"

#include <cstdint>
#include <fstream>
#include <stdexcept>

namespace vitro {

Matrix read_npy(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  uint8_t prefix[10];
  file.read(reinterpret_cast<char*>(prefix), sizeof prefix);
  const bool version_1 = file && std::string(prefix, prefix + 8) == std::string("\x93NUMPY\x01\x00", 8);
  if (!version_1) throw std::runtime_error(path + ": no .npy of version 1");
  std::string header(prefix[8] | prefix[9] << 8, '\0');
  file.read(header.data(), static_cast<std::streamsize>(header.size()));
  const size_t shape = header.find("'shape': (");
  const bool known = header.find("'descr': '<f4'") != std::string::npos && header.find("'fortran_order': False") != std::string::npos;
  if (!file || !known || shape == std::string::npos) throw std::runtime_error(path + ": not float32 in C order");
  size_t digits = 0;
  const std::string sizes = header.substr(shape + 10);
  const size_t first = std::stoul(sizes, &digits);
  const std::string rest = sizes.substr(digits);  // ",)" or ", n)"
  Matrix matrix = rest.size() > 1 && rest[1] != ')' ? Matrix(first, std::stoul(rest.substr(1))) : Matrix(1, first);
  file.read(reinterpret_cast<char*>(matrix.data.data()), static_cast<std::streamsize>(matrix.data.size() * sizeof(float)));
  if (!file) throw std::runtime_error(path + ": cut short");
  return matrix;
}

}  // namespace vitro
