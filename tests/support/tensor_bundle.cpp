// SPDX-License-Identifier: Apache-2.0
#include "tests/support/tensor_bundle.h"

#include "converter/checkpoint/crc32c.h"

namespace vitro {

std::string varint_of(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(0x80 | (number & 0x7f));
  return bytes + static_cast<char>(number);
}

std::string field_of(uint64_t number, uint64_t value) {
  return varint_of(number << 3) + varint_of(value);
}

std::string field_of(uint64_t number, const std::string& bytes) {
  return varint_of(number << 3 | 2) + varint_of(bytes.size()) + bytes;
}

std::string block_of(const std::string& bytes, char packed) {
  const std::string summed = bytes + packed;
  return summed + bytes_of(masked_crc32c(crc32c(0, summed.data(), summed.size())), 4);
}

namespace {

/// Keys are written whole: nothing is shared.
std::string entries_of(const Files& entries) {
  std::string bytes;
  for (const auto& [key, value] : entries)
    bytes += varint_of(0) + varint_of(key.size()) + varint_of(value.size()) + key + value;
  return bytes + bytes_of(0, 4) + bytes_of(1, 4);  // one restart, at 0
}

std::string place_of(const BlockAt& at) { return varint_of(at.offset) + varint_of(at.size); }

}  // namespace

std::string table_around(const std::string& block) {
  return table_around(block, {{0, block.size() - 5}});
}

std::string table_around(const std::string& blocks, const std::vector<BlockAt>& places) {
  Files entries;  // whose keys nobody reads
  for (const BlockAt& at : places) entries.emplace_back("\xff", place_of(at));
  const std::string metadata = block_of(entries_of({})), index = block_of(entries_of(entries));
  const size_t behind = blocks.size() + metadata.size();
  std::string file = blocks + metadata + index;
  std::string footer = place_of({blocks.size(), metadata.size() - 5});
  footer += place_of({behind, index.size() - 5});
  footer.resize(40);
  return file + footer + bytes_of(0xdb4775248b80fb57, 8);
}

std::string table_of(const Files& entries) { return table_around(block_of(entries_of(entries))); }

std::string entry_of(const BundleVariable& variable) {
  std::string shape;
  for (const size_t n : variable.shape) shape += field_of(2, field_of(1, n));
  return field_of(1, variable.dtype) + field_of(2, shape) + field_of(3, variable.shard) +
         field_of(4, variable.offset) + field_of(5, variable.size) + varint_of(6 << 3 | 5) +
         bytes_of(variable.crc, 4) + variable.more;
}

std::string bundle_header(uint64_t shards, uint64_t endianness) {
  return field_of(1, shards) + field_of(2, endianness) + field_of(3, field_of(1, 1));
}

Bundle bundle_of(const Checkpoint& checkpoint) {
  Files entries{{"", bundle_header()}};
  Bundle bundle;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::string bytes(reinterpret_cast<const char*>(tensor.data.data()),
                            tensor.data.size() * sizeof(float));
    BundleVariable variable;
    variable.shape = tensor.shape;
    variable.offset = bundle.data.size(), variable.size = bytes.size();
    variable.crc = masked_crc32c(crc32c(0, bytes.data(), bytes.size()));
    entries.emplace_back(name, entry_of(variable));
    bundle.data += bytes;
  }
  bundle.index = table_of(entries);
  bundle.entries = std::move(entries);
  return bundle;
}

}  // namespace vitro
