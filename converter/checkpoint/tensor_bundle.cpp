// SPDX-License-Identifier: Apache-2.0
// Reads TensorFlow's checkpoints: NAME.index, a sorted table of where each variable lies, and
// beside it NAME.data-00000-of-00001, or several, with the numbers. Messages of protobuf are the
// table's values (tensorflow/core/protobuf/tensor_bundle.proto).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "converter/base/error.h"
#include "converter/checkpoint/crc32c.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/numbers.h"
#include "converter/checkpoint/sorted_table.h"
#include "runtime/digest/sha256.h"

namespace vitro::converter {
namespace {

constexpr uint64_t kMostShards = 1000;
constexpr size_t kMaxDimensions = 8;
constexpr char kIndex[] = ".index", kValue[] = "/.ATTRIBUTES/VARIABLE_VALUE",
               kSlot[] = "/.OPTIMIZER_SLOT/";
constexpr char kRemedyFiles[] = "give all files of the checkpoint, in one folder";
constexpr char kRemedySave[] = "save the variables as float32, by tf.train.Checkpoint";

/// A message's fields by number; of one that stands there several times the last.
struct ProtoField {
  uint64_t number = 0, value = 0;
  std::string bytes;
};

bool next_field(ByteReader& reader, ProtoField* field) {
  uint64_t key = 0, size = 0;
  uint32_t word = 0;
  if (!reader.varint(&key)) return false;
  field->number = key >> 3;
  field->bytes.clear();
  switch (key & 7) {
    case 0: return reader.varint(&field->value);
    case 2: return reader.varint(&size) && reader.piece(size, &field->bytes);
    case 5:
      if (!reader.fixed32(&word)) return false;
      field->value = word;
      return true;
    default: return false;  // what these messages have no fields of
  }
}

struct BundleHeader {
  uint64_t shards = 0;
  bool big_endian = false;
};

bool parse_bundle_header(const std::string& bytes, BundleHeader* header) {
  ByteReader reader(bytes);
  for (ProtoField field; !reader.done();) {
    if (!next_field(reader, &field)) return false;
    if (field.number == 1) header->shards = field.value;
    if (field.number == 2) header->big_endian = field.value != 0;
  }
  return true;
}

struct Variable {
  uint64_t dtype = 0, shard = 0, offset = 0, size = 0;
  uint32_t crc = 0;
  bool sliced = false;
  std::vector<size_t> shape;
};

bool parse_dimension(const std::string& bytes, std::vector<size_t>* shape) {
  ByteReader reader(bytes);
  uint64_t size = 0;
  for (ProtoField field; !reader.done();) {
    if (!next_field(reader, &field)) return false;
    if (field.number == 1) size = field.value;
  }
  if (shape->size() == kMaxDimensions || size > SIZE_MAX) return false;
  shape->push_back(static_cast<size_t>(size));
  return true;
}

bool parse_variable(const std::string& bytes, Variable* entry) {
  ByteReader reader(bytes);
  for (ProtoField field; !reader.done();) {
    if (!next_field(reader, &field)) return false;
    switch (field.number) {
      case 1: entry->dtype = field.value; break;
      case 2: {
        ByteReader shape(field.bytes);
        for (ProtoField dimension; !shape.done();)
          if (!next_field(shape, &dimension) ||
              (dimension.number == 2 && !parse_dimension(dimension.bytes, &entry->shape)))
            return false;
        break;
      }
      case 3: entry->shard = field.value; break;
      case 4: entry->offset = field.value; break;
      case 5: entry->size = field.value; break;
      case 6: entry->crc = static_cast<uint32_t>(field.value); break;
      case 7: entry->sliced = true; break;
      default: break;
    }
  }
  return true;
}

/// Of TensorFlow's DataType.
Dtype dtype_of(uint64_t type) {
  switch (type) {
    case 1: return Dtype::F32;
    case 2: return Dtype::F64;
    case 14: return Dtype::BF16;
    case 19: return Dtype::F16;
    case 3:   // int32
    case 4:   // uint8
    case 5:   // int16
    case 6:   // int8
    case 7:   // string: the graph of the objects
    case 9:   // int64
    case 10:  // bool
    case 17:  // uint16
    case 22:  // uint32
    case 23: return Dtype::Whole;
    default: return Dtype::Foreign;
  }
}

class BundleReader {
 public:
  explicit BundleReader(WeightsFile& index) : index_(index) {}

  Checkpoint read() {
    checkpoint_.path = index_.path();
    const auto table = read_sorted_table(index_);
    BundleHeader header;
    if (table.empty() || !table[0].first.empty() || !parse_bundle_header(table[0].second, &header))
      index_.refuse("is a table of other things than a TensorFlow checkpoint",
                    "give the .index file of tf.train.Checkpoint");
    if (header.big_endian) index_.refuse("is big-endian", "save it on the usual machine");
    if (header.shards == 0 || header.shards > kMostShards)
      index_.refuse("has numbers in " + std::to_string(header.shards) + " files", kRemedyDamaged);
    open_shards(header.shards);
    for (size_t i = 1; i < table.size(); ++i) list(table[i].first, table[i].second);
    check_apart();
    for (const auto& [name, entry] : wanted_) read_tensor(name, entry);
    if (checkpoint_.tensors.empty())
      index_.refuse("names no variables of floating-point numbers", kRemedySave);
    checkpoint_.sha256 = hash();
    return std::move(checkpoint_);
  }

 private:
  void open_shards(uint64_t count) {
    const std::string& path = index_.path();
    const size_t stem = path.size() - (sizeof kIndex - 1);
    if (path.size() < sizeof kIndex || path.compare(stem, std::string::npos, kIndex) != 0)
      index_.refuse("is the index of a TensorFlow checkpoint, but not called NAME.index",
                    "give it its name again: the numbers lie in NAME.data-... beside it");
    for (uint64_t i = 0; i < count; ++i) {
      char ending[64];
      std::snprintf(ending, sizeof ending, ".data-%05u-of-%05u", static_cast<unsigned>(i),
                    static_cast<unsigned>(count));
      const std::string shard = path.substr(0, stem) + ending;
      std::error_code error;
      if (!std::filesystem::is_regular_file(shard, error))
        index_.refuse("wants " + in_quotes(std::filesystem::path(shard).filename().string()) +
                          ", which is not beside it",
                      kRemedyFiles);
      shards_.push_back(std::make_unique<WeightsFile>(shard));
    }
  }

  [[noreturn]] void refuse(const std::string& name, const std::string& fault,
                           const std::string& remedy) const {
    index_.refuse("variable " + in_quotes(name) + " " + fault, remedy);
  }

  void list(std::string name, const std::string& bytes) {
    Variable entry;
    if (!parse_variable(bytes, &entry))
      refuse(name, "has an entry that cannot be read", kRemedyDamaged);
    if (name.size() >= sizeof kValue &&
        name.compare(name.size() - (sizeof kValue - 1), std::string::npos, kValue) == 0)
      name.resize(name.size() - (sizeof kValue - 1));
    const Dtype dtype = dtype_of(entry.dtype);
    if (name.find(kSlot) != std::string::npos || dtype == Dtype::Whole) {
      checkpoint_.not_float.push_back(name);
      return;
    }
    if (entry.sliced)
      refuse(name, "is saved in slices", "save it whole: " + std::string(kRemedySave));
    if (dtype == Dtype::Foreign)
      refuse(name,
             "is of TensorFlow's type " + std::to_string(entry.dtype) +
                 ", only float64, float32, float16 and bfloat16 are read",
             kRemedySave);
    size_t count = 0;
    if (!element_count(entry.shape, SIZE_MAX / 8, &count) ||
        entry.size != uint64_t{count} * width_of(dtype))
      refuse(name, "has a shape that does not fit its " + std::to_string(entry.size) + " bytes",
             kRemedyDamaged);
    if (entry.shard >= shards_.size() || entry.offset > shards_[entry.shard]->size() ||
        entry.size > shards_[entry.shard]->size() - entry.offset)
      refuse(name, "lies beyond the end of the file of numbers", kRemedyFiles);
    wanted_.emplace_back(std::move(name), std::move(entry));
  }

  /// So that no more is read than the files hold.
  void check_apart() const {
    std::vector<const Variable*> entries;
    for (const auto& named : wanted_)
      if (named.second.size > 0) entries.push_back(&named.second);
    std::sort(entries.begin(), entries.end(), [](const Variable* a, const Variable* b) {
      return a->shard != b->shard ? a->shard < b->shard : a->offset < b->offset;
    });
    for (size_t i = 1; i < entries.size(); ++i)
      if (entries[i]->shard == entries[i - 1]->shard &&
          entries[i]->offset < entries[i - 1]->offset + entries[i - 1]->size)
        index_.refuse("has variables that lie over each other", kRemedyDamaged);
  }

  void read_tensor(const std::string& name, const Variable& entry) {
    const WeightsFile& shard = *shards_[entry.shard];
    const std::string bytes = shard.read(entry.offset, static_cast<size_t>(entry.size));
    if (masked_crc32c(crc32c(0, bytes.data(), bytes.size())) != entry.crc)
      shard.refuse("has another checksum of variable " + in_quotes(name) + " than the index says",
                   kRemedyDamaged);
    const Dtype dtype = dtype_of(entry.dtype);
    CheckpointTensor tensor;
    tensor.shape = entry.shape;
    tensor.data.resize(bytes.size() / width_of(dtype));
    to_floats(bytes.data(), tensor.data.size(), dtype, tensor.data.data());
    check_finite(shard.path(), name, tensor);
    if (!checkpoint_.tensors.emplace(name, std::move(tensor)).second)
      refuse(name, "is there twice", kRemedyDamaged);
  }

  std::string hash() const {
    Sha256 hash;
    const auto add = [&](const std::string& hex) { hash.update(hex.data(), hex.size()); };
    for (const auto& shard : shards_) add(shard->sha256());
    add(index_.sha256());
    char text[65];
    hash.hex(text);
    return text;
  }

  WeightsFile& index_;
  std::vector<std::unique_ptr<WeightsFile>> shards_;
  std::vector<std::pair<std::string, Variable>> wanted_;
  Checkpoint checkpoint_;
};

}  // namespace

Checkpoint read_tensor_bundle(WeightsFile& index) { return BundleReader(index).read(); }

}  // namespace vitro::converter
