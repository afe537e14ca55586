// SPDX-License-Identifier: Apache-2.0
#include "runtime/picture/taps.h"

#include "runtime/kernels/law_flags.h"

#if defined(__FAST_MATH__)
#error "taps.cpp must round as IEEE 754 says: build it without -ffast-math"
#endif

namespace vitro::picture {

namespace {

constexpr double kPi = 3.14159265358979323846;

// sin(pi x) and cos(pi x) for |x| <= 1/2 by their series, to a few 2^-53. The C libraries' own
// differ in the last bit; either way a weight, which is rounded to 2^-22, is Pillow's.
double sin_series(double x) {
  const double y = kPi * x, square = y * y;
  double term = y, sum = y;
  for (int n = 2; n <= 24; n += 2) {
    term *= -square / (n * (n + 1));
    sum += term;
  }
  return sum;
}

double cos_series(double x) {
  const double y = kPi * x, square = y * y;
  double term = 1, sum = 1;
  for (int n = 1; n <= 23; n += 2) {
    term *= -square / (n * (n + 1));
    sum += term;
  }
  return sum;
}

// Whole half-turns are taken off exactly. 0 <= x <= 3.
double sin_pi(double x) {
  const int turns = static_cast<int>(x + 0.5);
  const double sine = sin_series(x - turns);
  return turns % 2 ? -sine : sine;
}

double cos_pi(double x) {
  const int turns = static_cast<int>(x + 0.5);
  const double cosine = cos_series(x - turns);
  return turns % 2 ? -cosine : cosine;
}

double sinc(double x) { return x == 0 ? 1 : sin_pi(x) / (x * kPi); }

double support_of(vitro_resize_filter filter) {
  switch (filter) {
    case VITRO_FILTER_BOX: return 0.5;
    case VITRO_FILTER_BICUBIC: return 2;
    case VITRO_FILTER_LANCZOS: return 3;
    default: return 1;
  }
}

double weight_at(vitro_resize_filter filter, double signed_x) {
  const double x = signed_x < 0 ? -signed_x : signed_x;
  switch (filter) {
    case VITRO_FILTER_BOX: return signed_x > -0.5 && signed_x <= 0.5 ? 1 : 0;
    // 0.54f and 0.46f, as Pillow writes them.
    case VITRO_FILTER_HAMMING:
      if (x >= 1) return 0;
      return x == 0
                 ? 1
                 : sinc(x) * (static_cast<double>(0.54f) + static_cast<double>(0.46f) * cos_pi(x));
    case VITRO_FILTER_LANCZOS: return signed_x >= -3 && signed_x < 3 ? sinc(x) * sinc(x / 3) : 0;
    case VITRO_FILTER_BICUBIC: {
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    default: return x < 1 ? 1 - x : 0;
  }
}

struct Tap {
  uint32_t first, count;
  double centre;  // in inputs
};

/// The taps of all outputs from the first that is wanted, in upright order.
class Walk {
 public:
  explicit Walk(const Axis& axis)
      : axis_(axis),
        scale_(static_cast<double>(axis.in) / static_cast<double>(axis.out)),
        stretch_(scale_ > 1 ? scale_ : 1),
        support_(support_of(axis.filter) * stretch_),
        output_(axis.begin),
        at_(scale_ * 0.5) {
    // Pillow adds steps up for nearest neighbours, and so their roundings.
    if (axis.copies())
      for (uint32_t o = 0; o < axis.begin; ++o) at_ += scale_;
  }

  Tap next() {
    if (axis_.copies()) {
      const uint32_t input = static_cast<uint32_t>(at_);
      at_ += scale_;
      return {input < axis_.in ? input : axis_.in - 1, 1, 0};
    }
    const double centre = (static_cast<double>(output_++) + 0.5) * scale_;
    const double low = centre - support_ + 0.5, high = centre + support_ + 0.5;
    const uint32_t first = low > 0 ? static_cast<uint32_t>(low) : 0;
    const uint32_t end =
        high < static_cast<double>(axis_.in) ? static_cast<uint32_t>(high) : axis_.in;
    return {first, end - first, centre};
  }

  double weight(const Tap& tap, uint32_t input) const {
    return weight_at(axis_.filter, (static_cast<double>(tap.first + input) - tap.centre + 0.5) *
                                       (1.0 / stretch_));
  }

 private:
  const Axis& axis_;
  double scale_, stretch_, support_;
  uint32_t output_;
  double at_;  // of nearest neighbours
};

int32_t rounded(double weight) {
  const double scaled = weight * (1 << kWeightBits);
  return static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
}

}  // namespace

Extent extent_of(const Axis& axis) {
  Walk walk(axis);
  Extent extent = {axis.in, 0, 0};
  for (uint32_t o = 0; o < axis.count; ++o) {
    const Tap tap = walk.next();
    if (tap.first < extent.first) extent.first = tap.first;
    if (tap.first + tap.count > extent.end) extent.end = tap.first + tap.count;
    if (tap.count > extent.longest) extent.longest = tap.count;
  }
  if (axis.mirrored) extent = {axis.in - extent.end, axis.in - extent.first, extent.longest};
  return extent;
}

void find_inputs(const Axis& axis, uint16_t* first, uint16_t* inputs) {
  Walk walk(axis);
  for (uint32_t o = 0; o < axis.count; ++o) {
    const Tap tap = walk.next();
    const uint32_t to = axis.mirrored ? axis.count - 1 - o : o;
    first[to] = static_cast<uint16_t>(axis.mirrored ? axis.in - tap.first - tap.count : tap.first);
    inputs[to] = static_cast<uint16_t>(tap.count);
  }
}

void make_weights(const Axis& axis,
                  void (*set)(void* table, size_t output, size_t input, int32_t weight),
                  void* table) {
  Walk walk(axis);
  for (uint32_t o = 0; o < axis.count; ++o) {
    const Tap tap = walk.next();
    double sum = 0;
    for (uint32_t i = 0; i < tap.count; ++i) sum += walk.weight(tap, i);
    for (uint32_t i = 0; i < tap.count; ++i) {
      const double weight = walk.weight(tap, i);
      set(table, axis.mirrored ? axis.count - 1 - o : o, axis.mirrored ? tap.count - 1 - i : i,
          rounded(sum != 0 ? weight / sum : weight));
    }
  }
}

}  // namespace vitro::picture
