// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/numbers.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "converter/base/error.h"

namespace vitro::converter {
namespace {

float widen_half(uint16_t half) {
  const uint32_t exponent = half >> 10 & 31, mantissa = half & 1023;
  if (exponent == 0) {
    const float value = static_cast<float>(mantissa) * 0x1p-24f;  // zero and subnormals
    return half & 0x8000 ? -value : value;
  }
  const uint32_t bits =
      (half & 0x8000u) << 16 | (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

float widen_bfloat(uint16_t brain) {
  const uint32_t bits = uint32_t{brain} << 16;
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

}  // namespace

size_t width_of(Dtype dtype) { return dtype == Dtype::F64 ? 8 : dtype == Dtype::F32 ? 4 : 2; }

void to_floats(const char* bytes, size_t count, Dtype dtype, float* to) {
  if (count == 0) return;
  if (dtype == Dtype::F32) {
    std::memcpy(to, bytes, count * 4);
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    if (dtype == Dtype::F64) {
      double value;
      std::memcpy(&value, bytes + i * 8, 8);
      // The conversion of a number that float32 cannot hold is undefined. The bound itself rounds
      // to infinity.
      constexpr double kBeyond = 0x1.ffffffp127;
      to[i] = std::fabs(value) < kBeyond ? static_cast<float>(value)
                                         : std::numeric_limits<float>::infinity();
    } else {
      uint16_t narrow;
      std::memcpy(&narrow, bytes + i * 2, 2);
      to[i] = dtype == Dtype::F16 ? widen_half(narrow) : widen_bfloat(narrow);
    }
  }
}

bool element_count(const std::vector<size_t>& shape, size_t limit, size_t* count) {
  *count = 1;
  for (const size_t n : shape) {
    if (n == 0) {
      *count = 0;
      return true;
    }
  }
  for (const size_t n : shape) {
    if (*count > limit / n) return false;
    *count *= n;
  }
  return true;
}

void check_finite(const std::string& path, const std::string& name,
                  const CheckpointTensor& tensor) {
  for (size_t i = 0; i < tensor.data.size(); ++i) {
    uint32_t bits;
    std::memcpy(&bits, &tensor.data[i], 4);
    if ((bits & 0x7f800000) == 0x7f800000) {
      throw InputError(
          path,
          "tensor " + in_quotes(name) + " holds a NaN or infinity (element " + std::to_string(i) +
              ")",
          "the training diverged or the file is damaged: give a checkpoint of finite numbers");
    }
  }
}

void gather(const float* numbers, size_t offset, const std::vector<size_t>& shape,
            const std::vector<size_t>& strides, float* to) {
  size_t count = 1;
  for (const size_t n : shape) count *= n;
  if (count == 0) return;
  std::vector<size_t> index(shape.size(), 0);
  size_t at = offset;
  for (size_t i = 0; i < count; ++i) {
    to[i] = numbers[at];
    for (size_t d = shape.size(); d-- > 0;) {
      at += strides[d];
      if (++index[d] < shape[d]) break;
      at -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
}

}  // namespace vitro::converter
