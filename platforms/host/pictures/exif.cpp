// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/exif.h"

#include <algorithm>
#include <cstring>

namespace vitro::host::pictures {

namespace {

constexpr uint32_t kOrientation = 0x0112;
constexpr uint32_t kShort = 3, kLong = 4, kSignedShort = 8,
                   kSignedLong = 9;  // types of TIFF 6.0 that hold whole numbers

/// A TIFF file's numbers, of either byte order; beyond its end they are 0.
class Tiff {
 public:
  explicit Tiff(const std::vector<uint8_t>& bytes) : bytes_(bytes) {
    // Some writers say "Exif" once more inside of the segment.
    constexpr char kMark[] = {'E', 'x', 'i', 'f', 0, 0};
    while (bytes_.size() - start_ >= sizeof kMark &&
           std::memcmp(bytes_.data() + start_, kMark, sizeof kMark) == 0)
      start_ += sizeof kMark;
    big_ = byte(0) == 'M';
  }

  bool is_tiff() const {
    if (byte(0) != byte(1) || (byte(0) != 'M' && byte(0) != 'I')) return false;
    return number(2, 2) == 42;
  }
  uint32_t number(uint64_t at, size_t size) const {
    uint32_t value = 0;
    for (size_t i = 0; i < size; ++i) value |= byte(at + i) << (8 * (big_ ? size - 1 - i : i));
    return value;
  }
  bool has(uint64_t at, uint64_t size) const { return at + size <= bytes_.size() - start_; }

 private:
  uint32_t byte(uint64_t at) const {
    return at < bytes_.size() - start_ ? bytes_[start_ + static_cast<size_t>(at)] : 0u;
  }

  const std::vector<uint8_t>& bytes_;
  size_t start_ = 0;
  bool big_ = false;
};

/// 0 if it says nothing.
uint32_t exif_orientation(const std::vector<uint8_t>& exif) {
  const Tiff tiff(exif);
  if (!tiff.is_tiff()) return 0;
  const uint64_t ifd = tiff.number(4, 4);
  const uint32_t entries = tiff.number(ifd, 2);
  uint32_t orientation = 0;
  for (uint64_t i = 0, at = ifd + 2; i < entries && tiff.has(at, 12); ++i, at += 12) {
    const uint32_t type = tiff.number(at + 2, 2), count = tiff.number(at + 4, 4);
    const uint32_t size = type == kShort || type == kSignedShort ? 2
                          : type == kLong || type == kSignedLong ? 4
                                                                 : 0;
    if (tiff.number(at, 2) != kOrientation || size == 0 || count == 0) continue;
    // One is enough; where there are more than four bytes of them, they are elsewhere.
    const uint64_t value = count > 4 / size ? tiff.number(at + 8, 4) : at + 8;
    if (tiff.has(value, uint64_t{count} * size)) orientation = tiff.number(value, size);
  }
  return orientation;
}

uint32_t xmp_orientation(const std::string& xmp) {
  constexpr char kName[] = "tiff:Orientation";
  for (size_t at = xmp.find(kName); at != std::string::npos; at = xmp.find(kName, at + 1)) {
    size_t value = at + sizeof kName - 1;
    if (xmp.compare(value, 2, "=\"") == 0)
      value += 2;
    else if (xmp.compare(value, 1, ">") == 0)
      value += 1;
    else
      continue;
    if (value < xmp.size() && xmp[value] >= '0' && xmp[value] <= '9')
      return static_cast<uint32_t>(xmp[value] - '0');
  }
  return 0;
}

}  // namespace

int Metadata::orientation() const {
  uint32_t value = exif_orientation(exif);
  if (value == 0) value = xmp_orientation(xmp);
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace vitro::host::pictures
