// SPDX-License-Identifier: Apache-2.0
// A table is blocks of entries, each with what its key adds to the key before; a block of all
// blocks' places; and a footer of 48 bytes: the places of that block and of one of metadata, and a
// magic number. LevelDB's doc/table_format.md has the format.
#include "converter/checkpoint/sorted_table.h"

#include "converter/checkpoint/crc32c.h"

namespace vitro::converter {
namespace {

constexpr size_t kTableFooter = 48, kTrailer = 5;  // of a block: how it is packed, its checksum
constexpr char kTableMagic[] = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
constexpr uint64_t kMaxTableBytes = 64'000'000;
constexpr size_t kLongestKey = 1024;

using Entries = std::vector<std::pair<std::string, std::string>>;

uint32_t little_endian(const char* bytes) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

struct BlockPlace {
  uint64_t offset = 0, size = 0;
};

class TableReader {
 public:
  explicit TableReader(const WeightsFile& file) : file_(file) {}

  Entries read() {
    if (file_.size() > kMaxTableBytes)
      file_.refuse("is an index of " + std::to_string(file_.size()) + " bytes, too large",
                   kRemedyDamaged);
    const std::string footer = file_.read(file_.size() - kTableFooter, kTableFooter);
    ByteReader places(footer, kTableFooter - 8);
    BlockPlace metadata, blocks;
    if (!place(places, &metadata) || !place(places, &blocks)) damaged("a footer");
    Entries all;
    uint64_t read_to = 0;
    for (const auto& [key, value] : block(blocks, 0)) {
      ByteReader reader(value);
      BlockPlace one;
      if (!place(reader, &one) || !reader.done()) damaged("the place of a block");
      // So that no more is read than the file holds.
      if (one.offset < read_to) file_.refuse("has blocks that lie over each other", kRemedyDamaged);
      for (auto& entry : block(one, all.size())) {
        if (!all.empty() && entry.first <= all.back().first) damaged("a key out of order");
        all.push_back(std::move(entry));
      }
      read_to = one.offset + one.size + kTrailer;
    }
    return all;
  }

 private:
  [[noreturn]] void damaged(const char* what) const {
    file_.refuse(std::string("has ") + what + " that cannot be read", kRemedyDamaged);
  }

  static bool place(ByteReader& reader, BlockPlace* to) {
    return reader.varint(&to->offset) && reader.varint(&to->size);
  }

  std::string contents(const BlockPlace& at) const {
    const uint64_t end = file_.size() - kTableFooter;
    if (at.offset > end || at.size > end - at.offset || end - at.offset - at.size < kTrailer)
      damaged("a block beyond its end");
    std::string bytes = file_.read(at.offset, static_cast<size_t>(at.size) + kTrailer);
    const char* trailer = bytes.data() + at.size;
    if (masked_crc32c(crc32c(0, bytes.data(), bytes.size() - 4)) != little_endian(trailer + 1))
      file_.refuse("has a block of another checksum than it says", kRemedyDamaged);
    if (trailer[0] != 0)
      file_.refuse("has a block that is packed", "save it again with tf.train.Checkpoint");
    bytes.resize(static_cast<size_t>(at.size));
    return bytes;
  }

  Entries block(const BlockPlace& at, size_t before) const {
    const std::string bytes = contents(at);
    if (bytes.size() < 4) damaged("a block");
    const uint64_t restarts = little_endian(bytes.data() + bytes.size() - 4);
    if (restarts > bytes.size() / 4 - 1) damaged("a block");
    ByteReader reader(bytes, bytes.size() - 4 - static_cast<size_t>(restarts) * 4);
    Entries entries;
    std::string key;
    while (!reader.done()) {
      uint64_t shared = 0, added = 0, size = 0;
      std::string rest, value;
      if (!reader.varint(&shared) || !reader.varint(&added) || !reader.varint(&size) ||
          shared > key.size() || !reader.piece(added, &rest) || !reader.piece(size, &value))
        damaged("an entry");
      key = key.substr(0, static_cast<size_t>(shared)) + rest;
      if (key.size() > kLongestKey) damaged("a key");
      if (before + entries.size() >= kMaxTensors)
        file_.refuse("has more entries than any vision transformer", kRemedyDamaged);
      entries.emplace_back(key, std::move(value));
    }
    return entries;
  }

  const WeightsFile& file_;
};

}  // namespace

bool ByteReader::varint(uint64_t* value) {
  *value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ >= end_) return false;
    const uint64_t byte = static_cast<uint8_t>(bytes_[at_++]);
    if (shift == 63 && byte > 1) return false;
    *value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

bool ByteReader::fixed32(uint32_t* value) {
  if (end_ - at_ < 4) return false;
  *value = little_endian(bytes_.data() + at_);
  at_ += 4;
  return true;
}

bool ByteReader::piece(uint64_t size, std::string* to) {
  if (size > end_ - at_) return false;
  *to = bytes_.substr(at_, static_cast<size_t>(size));
  at_ += static_cast<size_t>(size);
  return true;
}

bool is_sorted_table(const WeightsFile& file) {
  return file.size() >= kTableFooter &&
         file.read(file.size() - 8, 8) == std::string(kTableMagic, 8);
}

Entries read_sorted_table(const WeightsFile& file) { return TableReader(file).read(); }

}  // namespace vitro::converter
