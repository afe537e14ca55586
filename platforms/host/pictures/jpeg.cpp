// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/jpeg.h"

#include <algorithm>
#include <cstring>

#include "converter/base/error.h"

namespace vitro::host::pictures {

namespace {

// Progressive encoders write 6 to 20 scans. Each costs a pass over the picture, however short it
// is: without a bound, 12 bytes of file buy such a pass.
constexpr size_t kMaxScans = 64;

constexpr const char* kBaseline = "convert it first, with 'magick IN OUT.png', for example";

class LookOver {
 public:
  LookOver(const std::string& path, const std::vector<uint8_t>& bytes)
      : path_(path), bytes_(bytes) {}

  JpegFacts run() {
    size_t at = 2;
    while (true) {
      at = next_marker(at);
      if (at >= bytes_.size()) break;
      const uint8_t marker = bytes_[at++];
      if (marker == 0xD9) {
        facts_.has_end_marker = true;
        break;
      }
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8))
        continue;  // restarts and starts of image have no length
      if (bytes_.size() - at < 2) break;
      const size_t length = static_cast<size_t>(bytes_[at]) << 8 | bytes_[at + 1];
      if (length < 2) refuse("has a segment of no length", "copy the file again");
      const size_t end = std::min(at + length, bytes_.size());
      if (marker == 0xC4 && at + length > bytes_.size())
        refuse("has a corrupt Huffman table", "copy the file again");
      segment(marker, at + 2, end);
      at = end;
    }
    if (frames_ == 0) refuse("is cut short: a JPEG without a frame", "copy the file again");
    facts_.all_components_seen =
        std::all_of(seen_.begin(), seen_.end(), [](bool seen) { return seen; });
    return std::move(facts_);
  }

 private:
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const {
    throw InputError(path_, fault, remedy);
  }

  // After the next 0xFF that is neither stuffed nor filled up; bytes between segments and the
  // entropy-coded ones after a scan's header are passed over.
  size_t next_marker(size_t at) const {
    while (at < bytes_.size()) {
      const void* found = std::memchr(bytes_.data() + at, 0xFF, bytes_.size() - at);
      if (!found) return bytes_.size();
      at = static_cast<size_t>(static_cast<const uint8_t*>(found) - bytes_.data());
      while (at < bytes_.size() && bytes_[at] == 0xFF) ++at;
      if (at < bytes_.size() && bytes_[at] != 0) return at;
    }
    return bytes_.size();
  }

  void segment(uint8_t marker, size_t at, size_t end) {
    if (marker == 0xC4) return huffman_tables(at, end);
    if (marker == 0xDA) return scan(at, end);
    if (marker == 0xE1) return application_1(at, end);
    if (marker == 0xEE && end - at >= 12 && std::memcmp(bytes_.data() + at, "Adobe", 5) == 0)
      facts_.adobe_marker = true;
    if (marker == 0xDE) refuse("is a hierarchical JPEG", kBaseline);
    if (marker == 0xCC) refuse("is an arithmetic-coded JPEG", kBaseline);
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC8) frame(marker, at, end);
  }

  void frame(uint8_t marker, size_t at, size_t end) {
    const int kind = marker & 0xF;
    if (kind >= 9) refuse("is an arithmetic-coded JPEG", kBaseline);
    if (kind == 3) refuse("is a lossless JPEG", kBaseline);
    if (kind > 3) refuse("is a hierarchical JPEG", kBaseline);
    if (++frames_ > 1) refuse("has two frames in one JPEG", "copy the file again");
    if (end - at < 6) refuse("is cut short in its header", "copy the file again");
    if (bytes_[at] != 8)
      refuse("is a JPEG of " + std::to_string(bytes_[at]) + " bits for each sample, not 8",
             kBaseline);
    facts_.height = static_cast<size_t>(bytes_[at + 1]) << 8 | bytes_[at + 2];
    facts_.width = static_cast<size_t>(bytes_[at + 3]) << 8 | bytes_[at + 4];
    facts_.components = bytes_[at + 5];
    facts_.progressive = facts_.whole_in_memory = kind == 2;
    if (facts_.width == 0 || facts_.height == 0) refuse("has no pixels", "give another picture");
    if (facts_.components != 1 && facts_.components != 3 && facts_.components != 4)
      refuse("is a JPEG of " + std::to_string(facts_.components) +
                 " components, which have no colours",
             kBaseline);
    if (end - at < 6 + 3 * facts_.components)
      refuse("is cut short in its header", "copy the file again");
    for (size_t c = 0; c < facts_.components; ++c) {
      const uint8_t* component = bytes_.data() + at + 6 + 3 * c;
      ids_.push_back(component[0]);
      across_.push_back(component[1] >> 4);
      down_.push_back(component[1] & 15);
      if (across_[c] < 1 || across_[c] > 4 || down_[c] < 1 || down_[c] > 4)
        refuse("has components of a size that no JPEG has", "copy the file again");
    }
    seen_.assign(facts_.components, false);
    measure();
  }

  // 64 coefficients of 16 bits for each block, in whole units of all components' blocks.
  void measure() {
    const size_t across = *std::max_element(across_.begin(), across_.end()),
                 down = *std::max_element(down_.begin(), down_.end());
    const uint64_t units = uint64_t{(facts_.width + 8 * across - 1) / (8 * across)} *
                           ((facts_.height + 8 * down - 1) / (8 * down));
    uint64_t blocks = 0;
    for (size_t c = 0; c < facts_.components; ++c) blocks += across_[c] * down_[c];
    facts_.coefficient_bytes = units * blocks * 128;
  }

  void scan(size_t at, size_t end) {
    if (frames_ == 0) refuse("has a scan before its frame", "copy the file again");
    if (++facts_.scans > kMaxScans)
      refuse("has more than " + std::to_string(kMaxScans) + " scans", kBaseline);
    const size_t count = at < end ? bytes_[at] : 0;
    if (count < 1 || count > 4 || end - at < 1 + 2 * count)
      return;  // the decoder says what is wrong
    if (count < facts_.components) facts_.whole_in_memory = true;
    for (size_t i = 0; i < count; ++i) {
      const uint8_t id = bytes_[at + 1 + 2 * i], tables = bytes_[at + 2 + 2 * i];
      for (size_t c = 0; c < ids_.size(); ++c)
        if (ids_[c] == id) seen_[c] = true;
      if (!facts_.progressive && !(defined_[tables >> 4 & 3] && defined_[4 + (tables & 3)]))
        facts_.tables_missing = true;
    }
  }

  // stb_image 2.27 writes past its tables if one has more than 256 codes.
  void huffman_tables(size_t at, size_t end) {
    while (at < end) {
      if (end - at < 17) refuse("has a corrupt Huffman table", "copy the file again");
      size_t codes = 0;
      for (size_t bits = 1; bits <= 16; ++bits) codes += bytes_[at + bits];
      if (codes > 256 || codes > end - at - 17)
        refuse("has a corrupt Huffman table", "copy the file again");
      defined_[(bytes_[at] >> 4 & 1) * 4 + (bytes_[at] & 3)] = true;
      at += 17 + codes;
    }
  }

  void application_1(size_t at, size_t end) {
    constexpr char kExif[] = "Exif\0",
                   kXmp[] = "http://ns.adobe.com/xap/1.0/";  // with the zeros that end them
    const auto content = bytes_.begin() + static_cast<std::ptrdiff_t>(at),
               last = bytes_.begin() + static_cast<std::ptrdiff_t>(end);
    if (facts_.scans > 0) return;
    if (end - at >= sizeof kExif && std::memcmp(bytes_.data() + at, kExif, sizeof kExif) == 0)
      facts_.metadata.exif.insert(facts_.metadata.exif.end(), content + sizeof kExif, last);
    else if (end - at >= sizeof kXmp && std::memcmp(bytes_.data() + at, kXmp, sizeof kXmp) == 0)
      facts_.metadata.xmp.assign(content + sizeof kXmp, last);
  }

  const std::string& path_;
  const std::vector<uint8_t>& bytes_;
  JpegFacts facts_;
  size_t frames_ = 0;
  std::vector<size_t> across_, down_;
  std::vector<uint8_t> ids_;
  std::vector<bool> seen_;
  std::array<bool, 8> defined_{};  // Huffman tables: four for DC, four for AC
};

}  // namespace

JpegFacts look_over_jpeg(const std::string& path, const std::vector<uint8_t>& bytes) {
  return LookOver(path, bytes).run();
}

}  // namespace vitro::host::pictures
