// SPDX-License-Identifier: Apache-2.0
// The kinds of numbers that files of weights hold, little-endian, as float32.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"

namespace vitro::converter {

enum class Dtype {
  F64,
  F32,
  F16,
  BF16,
  Whole,    // integers and truth values of any width: named, and not read
  Foreign,  // 8-bit floats, complex and quantised numbers: refused
};

/// Bytes of one of the first four.
size_t width_of(Dtype dtype);

/// `count` numbers from `bytes`. What float32 cannot hold becomes an infinity.
void to_floats(const char* bytes, size_t count, Dtype dtype, float* to);

/// The product, or false if it exceeds `limit`.
bool element_count(const std::vector<size_t>& shape, size_t limit, size_t* count);

/// Throws InputError if `tensor`, of that name in the file, holds a NaN or infinity.
void check_finite(const std::string& path, const std::string& name, const CheckpointTensor& tensor);

/// to[row-major index] = numbers[offset + sum of index * stride]. The caller has checked that all
/// of these are there.
void gather(const float* numbers, size_t offset, const std::vector<size_t>& shape,
            const std::vector<size_t>& strides, float* to);

}  // namespace vitro::converter
