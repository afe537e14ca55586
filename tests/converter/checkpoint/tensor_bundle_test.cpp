// SPDX-License-Identifier: Apache-2.0
// TensorFlow's checkpoints: what is read, and what is refused with which message. TensorFlow itself
// wrote tests/models/reference/vatt/tensorflow.index.
#include <filesystem>
#include <fstream>
#include <limits>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/checkpoint/checkpoint.h"
#include "converter/checkpoint/crc32c.h"
#include "converter/checkpoint/sorted_table.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_bundle.h"

namespace vitro {

using namespace converter;

namespace {

const std::string kReference = std::string(VITRO_REFERENCE_MODELS) + "/vatt/";

std::string bytes_of_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class TensorBundle : public TemporaryFolderTest {
 protected:
  std::string save(const std::string& index, const std::string& data) const {
    write("m.data-00000-of-00001", data);
    return write("m.index", index);
  }
  void expect_refused(const std::string& index, const std::string& data, const std::string& fault,
                      const std::string& name = "m.index") const {
    SCOPED_TRACE(fault);
    save(index, data);
    try {
      read_checkpoint((folder_ / name).string());
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      const std::string message = e.what();
      EXPECT_EQ(message.rfind((folder_).string(), 0), 0u) << message;
      EXPECT_NE(message.find(fault), std::string::npos) << message;
      EXPECT_NE(message.find("; "), std::string::npos) << message;
    }
  }
  /// Of one variable of two numbers, after a change.
  void expect_variable_refused(void (*change)(BundleVariable&), const std::string& fault) const {
    BundleVariable variable = sound();
    change(variable);
    expect_refused(table_of({{"", bundle_header()}, {"w", entry_of(variable)}}), numbers_, fault);
  }
  BundleVariable sound() const {
    BundleVariable variable;
    variable.shape = {2}, variable.size = 8;
    variable.crc = masked_crc32c(crc32c(0, numbers_.data(), 8));
    return variable;
  }

  const std::string numbers_ = bytes_of(0x3f800000, 4) + bytes_of(0xc0000000, 4);  // 1, -2
};

// The answers of RFC 3720, B.4.
TEST(Crc32c, KnownAnswers) {
  const std::string zeros(32, '\0'), ones(32, '\xff');
  EXPECT_EQ(crc32c(0, zeros.data(), 32), 0x8a9136aau);
  EXPECT_EQ(crc32c(0, ones.data(), 32), 0x62a8ab43u);
  EXPECT_EQ(crc32c(crc32c(0, zeros.data(), 5), zeros.data(), 27), 0x8a9136aau);
}

TEST_F(TensorBundle, WhatTensorFlowWroteIsRead) {
  const Checkpoint read = read_checkpoint(kReference + "tensorflow.index"),
                   other = read_safetensors(kReference + "model.safetensors");
  for (const auto& [name, tensor] : other.tensors) {
    const auto found = read.tensors.find(name);
    ASSERT_NE(found, read.tensors.end()) << name;
    EXPECT_EQ(found->second.shape, tensor.shape) << name;
    EXPECT_EQ(found->second.data, tensor.data) << name;
  }
  EXPECT_EQ(read.tensors.size(), other.tensors.size() + 3);  // the optimizer's settings
  EXPECT_EQ(read.not_float.size(), 3u);  // the graph of objects, a slot, a counter
  EXPECT_EQ(read.sha256.size(), 64u);
}

TEST_F(TensorBundle, HoldsWhatOtherContainersHold) {
  const Checkpoint made = make_checkpoint({});
  const Bundle bundle = bundle_of(made);
  const Checkpoint read = read_checkpoint(save(bundle.index, bundle.data));
  ASSERT_EQ(read.tensors.size(), made.tensors.size());
  for (const auto& [name, tensor] : made.tensors) {
    EXPECT_EQ(read.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(read.tensors.at(name).data, tensor.data) << name;
  }
}

TEST_F(TensorBundle, FilesThatBelongTogether) {
  const std::string index = table_of({{"", bundle_header()}, {"w", entry_of(sound())}});
  save(index, numbers_);
  EXPECT_EQ(read_checkpoint((folder_ / "m.index").string()).tensors.at("w").data,
            (std::vector<float>{1, -2}));
  expect_refused(index, numbers_, "holds the numbers of a TensorFlow checkpoint",
                 "m.data-00000-of-00001");
  write("other", index);
  expect_refused(index, numbers_, "not called NAME.index", "other");
  expect_refused(table_of({{"", bundle_header(2)}}), numbers_, "m.data-00000-of-00002");
  expect_refused(table_of({{"", bundle_header(0)}}), numbers_, "numbers in 0 files");
  expect_refused(table_of({{"", bundle_header(1001)}}), numbers_, "numbers in 1001 files");
  expect_refused(table_of({{"", bundle_header(1, 1)}}), numbers_, "big-endian");
  expect_refused(table_of({{"", bundle_header()}}), numbers_, "names no variables");
  expect_refused(table_of({{"w", entry_of(sound())}}), numbers_, "a table of other things");
}

TEST_F(TensorBundle, VariablesThatLie) {
  expect_variable_refused([](BundleVariable& v) { v.crc ^= 1; }, "another checksum of variable");
  expect_variable_refused([](BundleVariable& v) { v.offset = 1; }, "beyond the end");
  expect_variable_refused([](BundleVariable& v) { v.offset = ~uint64_t{0}; }, "beyond the end");
  expect_variable_refused([](BundleVariable& v) { v.shard = 1; }, "beyond the end");
  expect_variable_refused([](BundleVariable& v) { v.shape = {3}; }, "does not fit its 8 bytes");
  expect_variable_refused(
      [](BundleVariable& v) {
        v.shape = {size_t{1} << 31, size_t{1} << 31, 8};
      },
      "does not fit its 8 bytes");
  expect_variable_refused([](BundleVariable& v) { v.shape.assign(9, 1); }, "cannot be read");
  expect_variable_refused([](BundleVariable& v) { v.dtype = 8; }, "TensorFlow's type 8");
  expect_variable_refused([](BundleVariable& v) { v.more = field_of(7, ""); }, "in slices");
  expect_variable_refused([](BundleVariable& v) { v.more = "\x3b"; }, "cannot be read");
  expect_variable_refused([](BundleVariable& v) { v.more = field_of(2, "\x12\x7f"); },
                          "cannot be read");
  const std::string entry = entry_of(sound());
  expect_refused(table_of({{"", bundle_header()}, {"v", entry}, {"w", entry}}), numbers_,
                 "lie over each other");
  BundleVariable second = sound();
  second.offset = 8;
  expect_refused(table_of({{"", bundle_header()},
                           {"w", entry},
                           {"w/.ATTRIBUTES/VARIABLE_VALUE", entry_of(second)}}),
                 numbers_ + numbers_, "'w' is there twice");
  BundleVariable touching = sound();  // the last that is apart, the first that is not
  touching.offset = 8;
  save(table_of({{"", bundle_header()}, {"v", entry}, {"w", entry_of(touching)}}),
       numbers_ + numbers_);
  EXPECT_EQ(read_checkpoint((folder_ / "m.index").string()).tensors.size(), 2u);
  touching.offset = 7;
  expect_refused(table_of({{"", bundle_header()}, {"v", entry}, {"w", entry_of(touching)}}),
                 numbers_ + numbers_, "lie over each other");
  BundleVariable nan = sound();
  const std::string bytes = bytes_of(0x7fc00000, 4) + bytes_of(0, 4);
  nan.crc = masked_crc32c(crc32c(0, bytes.data(), 8));
  expect_refused(table_of({{"", bundle_header()}, {"w", entry_of(nan)}}), bytes, "'w'");
}

// Each would be read and hashed again and again: a file of megabytes, of gigabytes.
TEST_F(TensorBundle, BlocksOverEachOther) {
  const auto block_around = [](const std::string& key, const std::string& value) {
    const std::string bytes = varint_of(0) + varint_of(key.size()) + varint_of(value.size());
    return bytes + key + value + bytes_of(0, 4) + bytes_of(1, 4);
  };
  const std::string first = block_around("", bundle_header()),
                    second = block_around("w", entry_of(sound()));
  const std::string blocks = block_of(first) + block_of(second);
  const size_t at = block_of(first).size();
  save(table_around(blocks, {{0, first.size()}, {at, second.size()}}), numbers_);
  EXPECT_EQ(read_checkpoint((folder_ / "m.index").string()).tensors.count("w"), 1u);
  for (const size_t offset : {at - 1, size_t{0}})
    expect_refused(table_around(blocks, {{0, first.size()}, {offset, second.size()}}), numbers_,
                   "blocks that lie over each other");
  const std::string empty = bytes_of(0, 4) + bytes_of(1, 4);
  expect_refused(table_around(block_of(empty), {{0, empty.size()}, {0, empty.size()}}), numbers_,
                 "blocks that lie over each other");
}

TEST(ByteReader, NumbersOf64Bits) {
  const auto read = [](const std::string& bytes, uint64_t* number) {
    ByteReader reader(bytes);
    return reader.varint(number) && reader.done();
  };
  const std::string nine(9, '\xff');
  uint64_t number = 0;
  EXPECT_TRUE(read(nine + '\x01', &number));
  EXPECT_EQ(number, ~uint64_t{0});
  EXPECT_FALSE(read(nine, &number));
  EXPECT_FALSE(read(nine + '\x02', &number));
  EXPECT_FALSE(read(nine + "\x81\x01", &number));
}

TEST_F(TensorBundle, TablesThatLie) {
  const std::string sound_table = table_of({{"", bundle_header()}, {"w", entry_of(sound())}});
  std::string changed = sound_table;
  changed[4] ^= 1;
  expect_refused(changed, numbers_, "another checksum than it says");
  const std::string entry = varint_of(0) + varint_of(0) + varint_of(0), restarts = bytes_of(1, 4);
  expect_refused(table_around(block_of(entry + bytes_of(0, 4) + restarts, 1)), numbers_, "packed");
  expect_refused(table_around(block_of(entry + bytes_of(9, 4))), numbers_, "a block that cannot");
  expect_refused(table_around(block_of("")), numbers_, "a block that cannot");
  expect_refused(table_around(block_of(std::string("\x01\x00\x00", 3) + bytes_of(0, 4))), numbers_,
                 "an entry that");
  expect_refused(table_around(block_of(std::string("\x00\x7f\x00", 3) + bytes_of(0, 4))), numbers_,
                 "an entry that");
  expect_refused(table_of({{"", bundle_header()}, {std::string(1025, 'k'), ""}}), numbers_,
                 "a key that");
  expect_refused(table_of({{"", bundle_header()}, {"b", ""}, {"a", ""}}), numbers_, "out of order");
  expect_refused(table_of(Files(100'001, {"", ""})), numbers_, "more entries than");
  expect_refused(table_of({{"", bundle_header()}, {"a", ""}, {"a", ""}}), numbers_, "out of order");
  std::string footer = sound_table;
  footer.replace(footer.size() - 48, 40, std::string(40, '\xff'));
  expect_refused(footer, numbers_, "a footer");
  std::string beyond = sound_table;
  beyond.replace(beyond.size() - 48, 40, std::string(40, '\x7f'));
  expect_refused(beyond, numbers_, "a block beyond its end");
  for (size_t size = 1; size < sound_table.size(); size += 7) {
    save(sound_table.substr(0, size), numbers_);
    EXPECT_THROW(read_checkpoint((folder_ / "m.index").string()), InputError) << size;
  }
}

}  // namespace

}  // namespace vitro
