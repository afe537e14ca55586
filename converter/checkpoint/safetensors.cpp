// SPDX-License-Identifier: Apache-2.0
// Reads .safetensors: everything the header claims is checked against the file before memory is
// taken for it.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/json_guard.h"
#include "converter/checkpoint/numbers.h"

namespace vitro::converter {
namespace {

using nlohmann::json;

// The format allows 100 MB; 160 bytes for each of the most tensors that are read are enough for any
// name.
constexpr uint64_t kMaxHeaderBytes = 16'000'000;
constexpr JsonLimits kHeaderLimits{4, 2'000'000};  // the format needs 3 levels
constexpr char kRemedyFormat[] =
    "give a .safetensors file, as safetensors.torch.save_file writes it";

struct Entry {
  std::string name;
  Dtype dtype;
  size_t width;  // bytes of one number
  std::vector<size_t> shape;
  size_t elements;
  uint64_t begin, end;  // bytes, from the start of the data
};

struct NamedDtype {
  const char* name;
  Dtype dtype;
  size_t width;
};
constexpr NamedDtype kDtypes[] = {
    {"F64", Dtype::F64, 8},   {"F32", Dtype::F32, 4},   {"F16", Dtype::F16, 2},
    {"BF16", Dtype::BF16, 2}, {"I64", Dtype::Whole, 8}, {"I32", Dtype::Whole, 4},
    {"I16", Dtype::Whole, 2}, {"I8", Dtype::Whole, 1},  {"U64", Dtype::Whole, 8},
    {"U32", Dtype::Whole, 4}, {"U16", Dtype::Whole, 2}, {"U8", Dtype::Whole, 1},
    {"BOOL", Dtype::Whole, 1}};

class SafetensorsReader {
 public:
  explicit SafetensorsReader(WeightsFile& file) : file_(file) {}

  Checkpoint read() {
    const std::vector<Entry> entries = parse_entries(parse_header(read_header()));
    Checkpoint checkpoint;
    checkpoint.path = file_.path();
    for (const Entry& entry : entries) {
      if (entry.dtype == Dtype::Whole) {
        checkpoint.not_float.push_back(entry.name);
      } else {
        checkpoint.tensors.emplace(entry.name, read_tensor(entry));
      }
    }
    checkpoint.sha256 = file_.sha256();
    return checkpoint;
  }

 private:
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const {
    file_.refuse(fault, remedy);
  }

  std::string read_header() {
    const uint64_t file_bytes = file_.size();
    if (file_bytes < 8)
      refuse("is too short for a .safetensors file (" + std::to_string(file_bytes) + " bytes)",
             kRemedyFormat);
    uint8_t prefix[8];
    file_.read(0, prefix, 8);
    uint64_t size = 0;
    for (int i = 7; i >= 0; --i) size = size << 8 | prefix[i];
    if (size < 2 || size > kMaxHeaderBytes) {
      refuse("is not a .safetensors file (its first 8 bytes give a header of " +
                 std::to_string(size) + " bytes)",
             kRemedyFormat);
    }
    if (size > file_bytes - 8) {
      refuse("is cut short or not a .safetensors file: a header of " + std::to_string(size) +
                 " bytes in a file of " + std::to_string(file_bytes),
             kRemedyDamaged);
    }
    data_begin_ = 8 + size;
    data_bytes_ = file_bytes - data_begin_;
    return file_.read(8, size);
  }

  json parse_header(const std::string& text) const {
    if (text[0] != '{')
      refuse("is not a .safetensors file (its header is not a JSON object)", kRemedyFormat);
    const std::string fault = json_fault(text, kHeaderLimits);
    if (!fault.empty()) refuse("its header " + fault, kRemedyDamaged);
    return json::parse(text);
  }

  /// In the order of the data, which they cover without hole or overlap.
  std::vector<Entry> parse_entries(const json& header) const {
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name != "__metadata__") entries.push_back(parse_entry(name, value));
    }
    if (entries.empty()) refuse("has no tensors", kRemedyFormat);
    if (entries.size() > kMaxTensors)
      refuse("has " + std::to_string(entries.size()) + " tensors, more than any vision transformer",
             kRemedyFormat);
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    uint64_t covered = 0;
    for (const Entry& entry : entries) {
      if (entry.begin < covered)
        refuse("tensor " + in_quotes(entry.name) + " overlaps another one", kRemedyDamaged);
      if (entry.begin > covered)
        refuse("there are unused bytes before tensor " + in_quotes(entry.name), kRemedyDamaged);
      covered = entry.end;
    }
    if (covered != data_bytes_)
      refuse(std::to_string(data_bytes_ - covered) + " unused bytes follow the last tensor",
             kRemedyDamaged);
    return entries;
  }

  Entry parse_entry(const std::string& name, const json& value) const {
    const std::string tensor = "tensor " + in_quotes(name);
    if (!value.is_object()) refuse(tensor + " is not described by an object", kRemedyFormat);
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!value.contains(key)) refuse(tensor + " has no " + key, kRemedyFormat);
    }
    Entry entry;
    entry.name = name;
    if (!value["dtype"].is_string())
      refuse(tensor + " has a dtype that is not a string", kRemedyFormat);
    const std::string dtype = value["dtype"].get<std::string>();
    const auto* known = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                     [&](const NamedDtype& d) { return dtype == d.name; });
    if (known == std::end(kDtypes)) {
      refuse(tensor + " has dtype " + in_quotes(dtype) + ", only F64, F32, F16 and BF16 are read",
             "remove it if the model does not need it, else save it as float32");
    }
    entry.dtype = known->dtype, entry.width = known->width;
    for (const uint64_t n : parse_integers(tensor, "shape", value["shape"]))
      entry.shape.push_back(n);
    const std::vector<uint64_t> offsets =
        parse_integers(tensor, "data_offsets", value["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      refuse(tensor + " has data_offsets that are not [begin, end]", kRemedyDamaged);
    entry.begin = offsets[0], entry.end = offsets[1];
    if (entry.end > data_bytes_) {
      refuse("is cut short: " + tensor + " ends at byte " + std::to_string(entry.end) +
                 " of the data, which has " + std::to_string(data_bytes_),
             kRemedyDamaged);
    }
    const uint64_t bytes = entry.end - entry.begin;
    if (!element_count(entry.shape, bytes / entry.width, &entry.elements) ||
        entry.elements * entry.width != bytes) {
      refuse(tensor + " has a shape that does not fit its " + std::to_string(bytes) + " bytes",
             kRemedyDamaged);
    }
    return entry;
  }

  std::vector<uint64_t> parse_integers(const std::string& tensor, const char* key,
                                       const json& value) const {
    std::vector<uint64_t> numbers;
    if (!value.is_array())
      refuse(tensor + " has a " + key + " that is not an array", kRemedyFormat);
    for (const json& n : value) {
      if (!n.is_number_unsigned())
        refuse(tensor + " has a " + key + " that holds something other than non-negative integers",
               kRemedyFormat);
      numbers.push_back(n.get<uint64_t>());
    }
    return numbers;
  }

  CheckpointTensor read_tensor(const Entry& entry) {
    CheckpointTensor tensor;
    tensor.shape = entry.shape;
    tensor.data.resize(entry.elements);
    if (entry.dtype == Dtype::F32) {
      file_.read(data_begin_ + entry.begin, tensor.data.data(), entry.elements * 4);
    } else {
      const std::string bytes = file_.read(data_begin_ + entry.begin, entry.elements * entry.width);
      to_floats(bytes.data(), entry.elements, entry.dtype, tensor.data.data());
    }
    check_finite(file_.path(), entry.name, tensor);
    return tensor;
  }

  WeightsFile& file_;
  uint64_t data_begin_ = 0, data_bytes_ = 0;
};

}  // namespace

Checkpoint read_safetensors(WeightsFile& file) { return SafetensorsReader(file).read(); }

Checkpoint read_safetensors(const std::string& path) {
  WeightsFile file(path);
  return read_safetensors(file);
}

}  // namespace vitro::converter
