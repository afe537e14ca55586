// SPDX-License-Identifier: Apache-2.0
// Writers of TensorFlow's checkpoints and of the tables that their indices are, by the definitions
// of the formats.
#pragma once

#include <string>

#include "tests/support/archives.h"

namespace vitro {

/// Seven bits a byte, the lowest first.
std::string varint_of(uint64_t number);
/// A field of a message: a number, or bytes.
std::string field_of(uint64_t number, uint64_t value);
std::string field_of(uint64_t number, const std::string& bytes);

/// A block's bytes with how it is packed and their checksum behind them.
std::string block_of(const std::string& bytes, char packed = 0);
/// A table of one block, of these keys in this order.
std::string table_of(const Files& entries);
/// The same around a block that is there, as it would be written.
std::string table_around(const std::string& block);
/// Around blocks that are there, of which the table says that they are at these places.
struct BlockAt {
  size_t offset, size;  // without its trailer
};
std::string table_around(const std::string& blocks, const std::vector<BlockAt>& places);

struct BundleVariable {
  uint64_t dtype = 1;  // DT_FLOAT
  std::vector<size_t> shape;
  uint64_t shard = 0, offset = 0, size = 0;
  uint32_t crc = 0;
  std::string more;  // other fields
};
std::string entry_of(const BundleVariable& variable);
/// The value of the empty key.
std::string bundle_header(uint64_t shards = 1, uint64_t endianness = 0);

struct Bundle {
  Files entries;  // of the index
  std::string index, data;
};
Bundle bundle_of(const Checkpoint& checkpoint);

}  // namespace vitro
