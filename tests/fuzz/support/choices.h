// SPDX-License-Identifier: Apache-2.0
// Decisions of generators and mutators. The same seed gives the same decisions on every machine.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace vitro::fuzz {

class Choices {
 public:
  explicit Choices(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 0x1234567) {}

  /// splitmix64 (Steele, Lea and Flood 2014).
  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// A number below n; 0 where n is 0.
  size_t below(size_t n) { return n ? static_cast<size_t>(next() % n) : 0; }
  bool one_in(size_t n) { return below(n) == 0; }
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(below(static_cast<size_t>(high - low + 1)));
  }
  template <class T, size_t N>
  T of(const T (&values)[N]) {
    return values[below(N)];
  }
  template <class T>
  auto& of(T& values) {
    return values[below(values.size())];
  }

  /// A magnitude from `smallest` to `largest`: often one of these or a neighbour, otherwise with
  /// any exponent between.
  float magnitude(float smallest, float largest) {
    switch (below(8)) {
      case 0: return smallest;
      case 1: return largest;
      case 2: return std::nextafterf(smallest, largest);
      case 3: return std::nextafterf(largest, smallest);
      default: break;
    }
    const int low = std::ilogb(smallest), high = std::ilogb(largest);
    static constexpr float kMantissas[] = {1.0f, 1.00000012f, 1.33333337f, 1.5f, 1.99999988f};
    const float mantissa =
        of(kMantissas);  // drawn first, so that the order does not depend on the compiler
    const float value =
        std::ldexp(mantissa, static_cast<int>(between(low, high > low ? high - 1 : high)));
    return value < smallest ? smallest : value > largest ? largest : value;
  }
  float signed_magnitude(float smallest, float largest) {
    const float side = sign();
    return side * magnitude(smallest, largest);
  }
  float sign() { return one_in(2) ? -1.0f : 1.0f; }

 private:
  uint64_t state_;
};

/// An unusual float.
inline float odd_float(Choices& choices) {
  static constexpr float kOdd[] = {0.0f,     -0.0f,     0x1p-149f, 0x1p-127f, 0x1p-126f,
                                   0x1p-60f, 0x1p-40f,  1.0f,      -1.0f,     0x1p22f,
                                   0x1p24f,  0x1p31f,   0x1p40f,   0x1p63f,   0x1p64f,
                                   0x1p127f, -0x1p127f, INFINITY,  -INFINITY, NAN};
  const float value = choices.of(kOdd);
  return choices.one_in(4) ? std::nextafterf(value, choices.sign() * INFINITY) : value;
}

/// An unusual value for a size that was `now`.
inline uint64_t odd_size(Choices& choices, uint64_t now) {
  static constexpr uint64_t kOdd[] = {
      0,          1,          2,          3,          4,          15,          16,       17,
      63,         64,         65,         255,        256,        4095,        4096,     4097,
      32767,      32768,      32769,      65535,      65536,      65537,       0xffffff, 0x1000000,
      0x7fffffff, 0x7fffffc0, 0x80000000, 0xffffffc0, 0xffffffff, ~uint64_t{0}};
  switch (choices.below(6)) {
    case 0: return choices.of(kOdd);
    case 1: return now + 1;
    case 2: return now - 1;
    case 3: return now + 4 * static_cast<uint64_t>(choices.between(-4, 4));
    case 4: return now + 64 * static_cast<uint64_t>(choices.between(-4, 4));
    default: return now * choices.below(4);
  }
}

}  // namespace vitro::fuzz
