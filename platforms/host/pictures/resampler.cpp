// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/resampler.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>

#include "converter/base/error.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kMaxSide = 4096;  // pixels of the resized picture's given side, and of the result;
                                   // bounds the latter to 48 MiB

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

// The absolute weights of a tap add up to at most 1.53 (Lanczos between two pixels), so 255 times
// them stays below 2^31.
uint8_t to_pixel(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

/// A photo's side after resizing, and the part of it that the result shows.
struct Axis {
  size_t resized;       // pixels
  size_t begin, count;  // of them, in the window
  size_t offset;        // pixels of fill before them
};

double round_half_even(double x) {
  const double floor = std::floor(x), rest = x - floor;
  const bool up = rest > 0.5 || (rest == 0.5 && std::fmod(floor, 2) != 0);
  return up ? floor + 1 : floor;
}

Axis centred(size_t resized, size_t window, Centring centring) {
  if (resized < window) {
    // torchvision and timm pad the smaller half before, transformers' crop of Pillow pictures the
    // larger.
    const size_t missing = window - resized;
    return {resized, 0, resized, centring == Centring::Floor ? (missing + 1) / 2 : missing / 2};
  }
  const size_t margin = resized - window, half = margin / 2;
  const bool up = centring == Centring::HalfEven && margin % 2 == 1 && half % 2 == 1;
  return {resized, half + up, window, 0};
}

std::pair<size_t, size_t> resized_size(size_t width, size_t height, const Preprocessing& p) {
  switch (p.mode) {
    case ResizeMode::None: return {width, height};
    case ResizeMode::Exact: return {p.resize_width, p.resize_height};
    case ResizeMode::ShorterSide: {
      const uint64_t shorter = std::min(width, height);
      return {static_cast<size_t>(uint64_t{width} * p.resize_width / shorter),
              static_cast<size_t>(uint64_t{height} * p.resize_width / shorter)};
    }
    case ResizeMode::LongerSide:
    case ResizeMode::Cover: break;
  }
  const double w = static_cast<double>(width), h = static_cast<double>(height);
  const double across = w / static_cast<double>(p.resize_width),
               down = h / static_cast<double>(p.resize_height);
  const double ratio =
      p.mode == ResizeMode::Cover ? std::min(across, down) : std::max(across, down);
  return {static_cast<size_t>(round_half_even(w / ratio)),
          static_cast<size_t>(round_half_even(h / ratio))};
}

void check(const std::string& path, size_t width, size_t height, const Preprocessing& p) {
  if (width == 0 || height == 0) throw InputError(path, "has no pixels", "give another picture");
  if (p.image_width == 0 || p.image_height == 0 ||
      (p.mode != ResizeMode::None && (p.resize_width == 0 || p.resize_height == 0)))
    throw InputError("preprocessing", "a size of 0 pixels", "choose a larger one");
  const size_t longest = std::max({p.image_width, p.image_height, p.resize_width, p.resize_height});
  if (longest > kMaxSide)
    throw InputError("preprocessing",
                     "a side of " + std::to_string(longest) + " pixels is more than 4096",
                     "choose a smaller one");
}

/// `row` begins with column `base`; outputs are `step` bytes apart.
void resize_row(const uint8_t* row, size_t base, const Taps& columns, uint8_t* out,
                ptrdiff_t step) {
  for (const Tap& tap : columns.taps) {
    const uint8_t* pixel = row + (tap.first - base) * 3;
    const int32_t* weight = columns.weights.data() + tap.offset;
    int32_t red = kHalf, green = kHalf, blue = kHalf;
    for (size_t i = 0; i < tap.count; ++i, pixel += 3) {
      red += weight[i] * pixel[0];
      green += weight[i] * pixel[1];
      blue += weight[i] * pixel[2];
    }
    out[0] = to_pixel(red);
    out[1] = to_pixel(green);
    out[2] = to_pixel(blue);
    out += step;
  }
}

}  // namespace

Turn Turn::of(int orientation) {
  switch (orientation) {
    case 2: return {false, true, false};
    case 3: return {false, true, true};
    case 4: return {false, false, true};
    case 5: return {true, false, false};
    case 6: return {true, false, true};
    case 7: return {true, true, true};
    case 8: return {true, true, false};
    default: return {};
  }
}

Placement place(const Turn& turn, size_t line_bytes, size_t columns, size_t rows) {
  Placement p{0, 3, static_cast<ptrdiff_t>(line_bytes)};
  if (turn.swapped) std::swap(p.column_step, p.row_step);
  if (turn.columns_mirrored) {
    p.origin += p.column_step * (static_cast<ptrdiff_t>(columns) - 1);
    p.column_step = -p.column_step;
  }
  if (turn.rows_mirrored) {
    p.origin += p.row_step * (static_cast<ptrdiff_t>(rows) - 1);
    p.row_step = -p.row_step;
  }
  return p;
}

Resampler::Resampler(const std::string& path, size_t width, size_t height, const Turn& turn,
                     const Preprocessing& p) {
  check(path, width, height, p);
  const size_t upright_width = turn.swapped ? height : width,
               upright_height = turn.swapped ? width : height;
  const auto [resized_width, resized_height] = resized_size(upright_width, upright_height, p);
  if (resized_width == 0 || resized_height == 0)
    throw InputError(
        path,
        "is so narrow that nothing is left of its shorter side where the longer becomes " +
            std::to_string(p.resize_width) + " pixels",
        "give a picture of other proportions");
  const Axis x = centred(resized_width, p.image_width, p.centring),
             y = centred(resized_height, p.image_height, p.centring);
  Taps along_x = make_taps(p.filter, upright_width, x.resized, x.begin, x.count);
  Taps along_y = make_taps(p.filter, upright_height, y.resized, y.begin, y.count);

  const bool y_first =
      p.passes == PassOrder::Pillow13 &&
      resized_height<upright_height&& static_cast<int64_t>(upright_height - resized_height)> 2 *
          (static_cast<int64_t>(upright_width) - static_cast<int64_t>(resized_width));
  stored_rows_first_ = turn.swapped != y_first;

  pixels_.resize(picture_bytes(p));
  for (size_t i = 0; i < pixels_.size(); ++i) pixels_[i] = p.fill[i % 3];

  columns_ = std::move(turn.swapped ? along_y : along_x);
  rows_ = std::move(turn.swapped ? along_x : along_y);
  if (turn.columns_mirrored) columns_ = mirrored(columns_, width);
  if (turn.rows_mirrored) rows_ = mirrored(rows_, height);

  placement_ = place(turn, p.image_width * 3, columns_.taps.size(), rows_.taps.size());
  placement_.origin += static_cast<ptrdiff_t>((y.offset * p.image_width + x.offset) * 3);

  held_width_ = stored_rows_first_ ? columns_.end() - columns_.begin() : columns_.taps.size();
  held_rows_ = rows_.longest();
  if (held_rows_ > kMaxHeldBytes / 3 / held_width_)
    throw InputError(path,
                     "has " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels, of which more than 256 MiB are needed at once",
                     "make the picture smaller");
  held_.resize(held_rows_ * held_width_ * 3);
  sums_.resize(held_width_ * 3);
  line_.resize(held_width_ * 3);
}

void Resampler::push(size_t y, const uint8_t* rgb) {
  if (y < rows_.begin() || y >= rows_.end()) return;
  uint8_t* slot = held_.data() + y % held_rows_ * held_width_ * 3;
  if (stored_rows_first_)
    std::memcpy(slot, rgb + columns_.begin() * 3, held_width_ * 3);
  else
    resize_row(rgb, 0, columns_, slot, 3);
  while (next_ < rows_.taps.size() && rows_.taps[next_].first + rows_.taps[next_].count == y + 1)
    emit(rows_.taps[next_++]);
}

// Along the stored rows' axis; where that is the first one, the other follows.
void Resampler::emit(const Tap& tap) {
  std::fill(sums_.begin(), sums_.end(), kHalf);
  const size_t width = held_width_ * 3;
  for (size_t i = 0; i < tap.count; ++i) {
    const int32_t weight = rows_.weights[tap.offset + i];
    const uint8_t* row = held_.data() + (tap.first + i) % held_rows_ * width;
    for (size_t x = 0; x < width; ++x) sums_[x] += weight * row[x];
  }
  for (size_t x = 0; x < width; ++x) line_[x] = to_pixel(sums_[x]);
  uint8_t* out =
      pixels_.data() + placement_.origin + static_cast<ptrdiff_t>(next_ - 1) * placement_.row_step;
  if (stored_rows_first_) {
    resize_row(line_.data(), columns_.begin(), columns_, out, placement_.column_step);
    return;
  }
  if (placement_.column_step == 3) {
    std::memcpy(out, line_.data(), width);
    return;
  }
  for (size_t x = 0; x < width; x += 3, out += placement_.column_step)
    std::memcpy(out, line_.data() + x, 3);
}

}  // namespace vitro::host::pictures
