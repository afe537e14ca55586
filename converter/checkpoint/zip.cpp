// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/zip.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <new>
#include <vector>

#include "converter/base/error.h"

namespace vitro::converter {
namespace {

constexpr uint64_t kMaxDirectoryBytes = 64'000'000;
constexpr uint64_t kMaxRatio = 64;  // of weights that are not all zeros; a bomb has 1000
constexpr uint32_t kLocal = 0x04034b50, kCentral = 0x02014b50, kEnd = 0x06054b50,
                   kEnd64 = 0x06064b50, kLocator64 = 0x07064b50;

uint64_t number(const char* bytes, size_t width) {
  uint64_t value = 0;
  for (size_t i = width; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

class DirectoryReader {
 public:
  explicit DirectoryReader(WeightsFile& file) : file_(file) {}

  ZipArchive read() {
    find_directory();
    const std::string bytes = file_.read(begin_, static_cast<size_t>(size_));
    ZipArchive archive;
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    const uint64_t limit = kMaxRatio * file_.size() + (1 << 20);
    uint64_t unpacked = 0;
    size_t at = 0;
    for (uint64_t i = 0; i < count_; ++i) {
      const std::string name = read_central(bytes, &at);
      if (name.empty() || name.back() == '/') continue;  // a folder
      locate(name);
      const auto [place, fresh] = archive.emplace(name, entry_);
      if (!fresh) refuse("has entry " + in_quotes(name) + " twice");
      ranges.emplace_back(header_, place->second.offset + place->second.stored_size);
      if (place->second.size > limit - unpacked) refuse_bomb();
      unpacked += place->second.size;
    }
    std::sort(ranges.begin(), ranges.end());
    for (size_t i = 1; i < ranges.size(); ++i) {
      if (ranges[i].first < ranges[i - 1].second) refuse("has entries that overlap");
    }
    return archive;
  }

 private:
  [[noreturn]] void refuse(const std::string& fault) const {
    file_.refuse("is a zip archive that " + fault, kRemedyDamaged);
  }
  [[noreturn]] void refuse_bomb() const {
    file_.refuse("is a zip archive that unpacks to more than " + std::to_string(kMaxRatio) +
                     " times its size",
                 "give a file of weights");
  }

  /// The end record is the last thing in the file, but for a comment.
  void find_directory() {
    constexpr uint64_t kEndBytes = 22, kMaxComment = 65535;
    if (file_.size() < kEndBytes) refuse("is cut short");
    const uint64_t tail = std::min(file_.size(), kEndBytes + kMaxComment),
                   tail_at = file_.size() - tail;
    const std::string bytes = file_.read(tail_at, static_cast<size_t>(tail));
    size_t at = bytes.size() - kEndBytes;
    while (number(&bytes[at], 4) != kEnd ||
           number(&bytes[at + 20], 2) != bytes.size() - at - kEndBytes) {
      if (at == 0) refuse("has no directory at its end: it is cut short");
      --at;
    }
    const uint64_t end_at = tail_at + at;
    count_ = number(&bytes[at + 10], 2);
    size_ = number(&bytes[at + 12], 4);
    begin_ = number(&bytes[at + 16], 4);
    if (number(&bytes[at + 4], 2) != number(&bytes[at + 6], 2) ||
        number(&bytes[at + 8], 2) != count_)
      refuse("has several parts");
    uint64_t limit = end_at;
    if (count_ == 0xffff || size_ == 0xffffffff || begin_ == 0xffffffff)
      limit = find_directory64(end_at);
    if (begin_ > limit || size_ > limit - begin_) refuse("has a directory outside of the file");
    if (size_ > kMaxDirectoryBytes || count_ > size_ / 46)
      refuse("has a directory of a size that cannot be");
  }

  uint64_t find_directory64(uint64_t end_at) {
    if (end_at < 20) refuse("lacks its zip64 record");
    const std::string locator = file_.read(end_at - 20, 20);
    const uint64_t at = number(&locator[8], 8);
    if (number(&locator[0], 4) != kLocator64 || at > end_at - 20 || end_at - 20 - at < 56)
      refuse("lacks its zip64 record");
    const std::string record = file_.read(at, 56);
    if (number(&record[0], 4) != kEnd64) refuse("lacks its zip64 record");
    count_ = number(&record[32], 8);
    size_ = number(&record[40], 8);
    begin_ = number(&record[48], 8);
    return at;
  }

  std::string read_central(const std::string& bytes, size_t* at) {
    if (bytes.size() - *at < 46 || number(&bytes[*at], 4) != kCentral)
      refuse("has a damaged directory");
    const char* record = &bytes[*at];
    const uint64_t flags = number(record + 8, 2), method = number(record + 10, 2);
    const size_t name_size = number(record + 28, 2), extra_size = number(record + 30, 2),
                 comment_size = number(record + 32, 2);
    if (bytes.size() - *at - 46 < name_size + extra_size + comment_size)
      refuse("has a damaged directory");
    std::string name(record + 46, name_size);
    if (flags & 1) file_.refuse("is an encrypted zip archive", "unpack it");
    if (method != 0 && method != 8)
      file_.refuse("is a zip archive whose entry " + in_quotes(name) + " is packed by method " +
                       std::to_string(method),
                   "pack it by deflate");
    entry_ = {};
    entry_.deflated = method == 8;
    entry_.crc = static_cast<uint32_t>(number(record + 16, 4));
    entry_.stored_size = number(record + 20, 4);
    entry_.size = number(record + 24, 4);
    header_ = number(record + 42, 4);
    read_extra(std::string(record + 46 + name_size, extra_size));
    if (!entry_.deflated && entry_.size != entry_.stored_size) refuse("has a damaged directory");
    *at += 46 + name_size + extra_size + comment_size;
    return name;
  }

  /// Sizes and offset of zip64, each there only if its 32-bit field is full.
  void read_extra(const std::string& extra) {
    for (size_t at = 0; extra.size() - at >= 4;) {
      const uint64_t id = number(&extra[at], 2);
      const size_t size = number(&extra[at + 2], 2);
      at += 4;
      if (size > extra.size() - at) refuse("has a damaged directory");
      size_t field = at, end = at + size;
      for (uint64_t* value : {&entry_.size, &entry_.stored_size, &header_}) {
        if (id != 1 || *value != 0xffffffff) continue;
        if (end - field < 8) refuse("has a damaged directory");
        *value = number(&extra[field], 8);
        field += 8;
      }
      at = end;
    }
  }

  /// The data follow the entry's own header.
  void locate(const std::string& name) {
    if (header_ > begin_ || begin_ - header_ < 30)
      refuse("has entry " + in_quotes(name) + " outside of the file");
    const std::string local = file_.read(header_, 30);
    const uint64_t name_size = number(&local[26], 2), extra_size = number(&local[28], 2),
                   space = begin_ - header_ - 30;
    if (number(&local[0], 4) != kLocal || name_size != name.size() ||
        name_size + extra_size > space)
      refuse("has a damaged entry " + in_quotes(name));
    if (file_.read(header_ + 30, name.size()) != name)
      refuse("calls entry " + in_quotes(name) + " otherwise at its place");
    entry_.offset = header_ + 30 + name_size + extra_size;
    if (entry_.stored_size > space - name_size - extra_size)
      refuse("has entry " + in_quotes(name) + " outside of the file");
  }

  WeightsFile& file_;
  uint64_t begin_ = 0, size_ = 0, count_ = 0;  // of the directory
  ZipEntry entry_;
  uint64_t header_ = 0;  // where the entry's own header lies
};

/// Unpacks at most out->size() bytes; false if the data are damaged or fewer.
bool inflate_entry(WeightsFile& file, const ZipEntry& entry, std::string* out) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  std::vector<char> piece(1 << 16);
  uint64_t read = 0;
  size_t written = 0;
  int status = Z_OK;
  while (written < out->size() && status == Z_OK) {
    if (stream.avail_in == 0) {
      const size_t size =
          static_cast<size_t>(std::min<uint64_t>(piece.size(), entry.stored_size - read));
      if (size == 0) break;
      file.read(entry.offset + read, piece.data(), size);
      read += size;
      stream.next_in = reinterpret_cast<Bytef*>(piece.data());
      stream.avail_in = static_cast<uInt>(size);
    }
    const size_t space = std::min<size_t>(out->size() - written, std::numeric_limits<uInt>::max());
    stream.next_out = reinterpret_cast<Bytef*>(&(*out)[written]);
    stream.avail_out = static_cast<uInt>(space);
    status = inflate(&stream, Z_NO_FLUSH);
    written += space - stream.avail_out;
  }
  inflateEnd(&stream);
  if (status == Z_MEM_ERROR) throw std::bad_alloc();
  return written == out->size() && (status == Z_OK || status == Z_STREAM_END);
}

}  // namespace

ZipArchive read_zip_directory(WeightsFile& file) { return DirectoryReader(file).read(); }

std::string read_zip_entry(WeightsFile& file, const std::string& name, const ZipEntry& entry,
                           size_t size) {
  const auto refuse = [&] {
    file.refuse("its entry " + in_quotes(name) + " is damaged", kRemedyDamaged);
  };
  std::string bytes;
  if (entry.deflated) {
    bytes.resize(size);
    if (!inflate_entry(file, entry, &bytes)) refuse();
  } else {
    bytes = file.read(entry.offset, size);
  }
  if (size != entry.size) return bytes;
  uLong crc = crc32(0, nullptr, 0);
  for (size_t at = 0; at < size;) {
    const size_t piece = std::min<size_t>(size - at, 1 << 30);
    crc = crc32(crc, reinterpret_cast<const Bytef*>(&bytes[at]), static_cast<uInt>(piece));
    at += piece;
  }
  if (crc != entry.crc) refuse();
  return bytes;
}

std::string read_zip_entry(WeightsFile& file, const std::string& name, const ZipEntry& entry) {
  return read_zip_entry(file, name, entry, static_cast<size_t>(entry.size));
}

}  // namespace vitro::converter
