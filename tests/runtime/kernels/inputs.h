// SPDX-License-Identifier: Apache-2.0
// Inputs of kernels in tests: numbers that are the same on every machine, in memory of the
// caller's. Needs neither a heap nor an operating system.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tests/support/address_sanitizer.h"

namespace vitro {

enum class Values : uint8_t { random, extreme, alternating };
constexpr Values kAllValues[] = {Values::random, Values::extreme, Values::alternating};

class Source {
 public:
  Source(uint32_t seed, Values values) : state_(seed * 2654435761u | 1), values_(values) {}
  /// A number from lo to hi: random; or lo or hi, mostly hi; or lo and hi in turn.
  int32_t integer(int32_t lo, int32_t hi) {
    if (values_ == Values::extreme) return ++count_ % 7 == 0 ? lo : hi;
    if (values_ == Values::alternating) return ++count_ % 2 ? lo : hi;
    return lo + static_cast<int32_t>(next() % static_cast<uint32_t>(hi - lo + 1));
  }
  float real(float lo, float hi) {
    return lo + (hi - lo) * (static_cast<float>(next() & 0xffffff) * (1.0f / 16777216.0f));
  }

 private:
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_ >> 3;
  }
  uint32_t state_;
  Values values_;
  uint32_t count_ = 0;
};

enum class Alignment : uint8_t {
  least,  // only as the elements require, because kernels may not expect more
  most,   // to 64 bytes, as in programs and arenas; for measurements
};

/// Hands out the caller's memory in pieces. The address sanitizer notices accesses between pieces.
class CaseMemory {
 public:
  /// `bytes` must start at a multiple of 64.
  CaseMemory(uint8_t* bytes, size_t size, Alignment alignment = Alignment::least)
      : bytes_(bytes), size_(size), alignment_(alignment) {}
  CaseMemory(const CaseMemory&) = delete;
  CaseMemory& operator=(const CaseMemory&) = delete;
  ~CaseMemory() { allow(bytes_, size_); }

  /// Takes all pieces back.
  void begin() {
    used_ = 0;
    forbid(bytes_, size_);
  }
  /// Whether the memory was too small, so that pieces overlap.
  bool overflowed() const { return overflowed_; }

  template <class T>
  T* get(size_t count) {
    return reinterpret_cast<T*>(
        piece(count * sizeof(T), alignment_ == Alignment::least ? alignof(T) : 0));
  }
  /// A piece at a multiple of 64.
  uint8_t* aligned(size_t bytes) { return piece(bytes, 0); }
  template <class T>
  T* integers(Source& source, size_t count, int32_t lo, int32_t hi) {
    T* const values = get<T>(count);
    for (size_t i = 0; i < count; ++i) values[i] = static_cast<T>(source.integer(lo, hi));
    return values;
  }
  float* reals(Source& source, size_t count, float lo, float hi) {
    float* const values = get<float>(count);
    for (size_t i = 0; i < count; ++i) values[i] = source.real(lo, hi);
    return values;
  }

 private:
  static constexpr size_t kGap = 16;
  // A piece `offset` bytes beyond a multiple of 64.
  uint8_t* piece(size_t bytes, size_t offset) {
    size_t at = used_ + offset;
    if (at + bytes + kGap > size_) {
      overflowed_ = true;
      at = offset;
    }
    used_ = (at + bytes + kGap + 63) / 64 * 64;
    allow(bytes_ + at, bytes);
    return bytes_ + at;
  }

  uint8_t* bytes_;
  size_t size_, used_ = 0;
  Alignment alignment_;
  bool overflowed_ = false;
};

}  // namespace vitro
