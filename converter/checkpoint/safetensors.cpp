// Reads .safetensors: everything the header claims is checked against the file before memory is taken for it.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "converter/checkpoint/checkpoint.h"
#include "converter/error.h"
#include "runtime/core/sha256.h"

namespace vitro {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr int kMaxDepth = 4;                       // of the header's JSON; the format needs 3
constexpr char kRemedyDamaged[] = "the file is damaged or incomplete: copy or download it again";
constexpr char kRemedyFormat[] = "give a .safetensors file, as safetensors.torch.save_file writes it";

enum class Dtype { F32, F16, BF16 };

struct Entry {
  std::string name;
  Dtype dtype;
  std::vector<size_t> shape;
  size_t elements;
  uint64_t begin, end;  // bytes, from the start of the data
};

class SafetensorsReader {
 public:
  explicit SafetensorsReader(const std::string& path) : path_(path) {}

  Checkpoint read() {
    open();
    const std::vector<Entry> entries = parse_entries(parse_header(read_header()));
    Checkpoint checkpoint;
    checkpoint.path = path_;
    for (const Entry& entry : entries) checkpoint.tensors.emplace(entry.name, read_tensor(entry));
    char sha256[65];
    hash_.hex(sha256);
    checkpoint.sha256 = sha256;
    return checkpoint;
  }

 private:
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const { throw InputError(path_, fault, remedy); }

  void open() {
    std::error_code error;
    const auto status = std::filesystem::status(path_, error);
    if (!std::filesystem::exists(status)) refuse("no such file", "check the path");
    if (std::filesystem::is_directory(status)) refuse("is a folder, not a file", kRemedyFormat);
    if (!std::filesystem::is_regular_file(status)) refuse("is not a regular file", kRemedyFormat);
    file_bytes_ = std::filesystem::file_size(path_, error);
    file_.open(path_, std::ios::binary);
    if (error || !file_) refuse("cannot be opened", "check its permissions");
    if (file_bytes_ == 0) refuse("is empty", kRemedyDamaged);
  }

  /// The file is read once, front to back, and hashed on the way.
  void read_bytes(void* to, size_t size) {
    if (size == 0) return;
    file_.read(static_cast<char*>(to), static_cast<std::streamsize>(size));
    if (!file_ || static_cast<size_t>(file_.gcount()) != size) refuse("reading it failed", kRemedyDamaged);
    hash_.update(to, size);
  }

  std::string read_header() {
    if (file_bytes_ < 8) refuse("is too short for a .safetensors file (" + std::to_string(file_bytes_) + " bytes)", kRemedyFormat);
    uint8_t prefix[8];
    read_bytes(prefix, 8);
    uint64_t size = 0;
    for (int i = 7; i >= 0; --i) size = size << 8 | prefix[i];
    if (size < 2 || size > kMaxHeaderBytes) {
      refuse("is not a .safetensors file (its first 8 bytes give a header of " + std::to_string(size) + " bytes)", kRemedyFormat);
    }
    if (size > file_bytes_ - 8) {
      refuse("is cut short or not a .safetensors file: a header of " + std::to_string(size) + " bytes in a file of " +
                 std::to_string(file_bytes_),
             kRemedyDamaged);
    }
    data_bytes_ = file_bytes_ - 8 - size;
    std::string header(size, '\0');
    read_bytes(header.data(), size);
    return header;
  }

  json parse_header(const std::string& text) const {
    if (text[0] != '{') refuse("is not a .safetensors file (its header is not a JSON object)", kRemedyFormat);
    std::vector<std::set<std::string>> keys;  // of the objects that are open
    const auto watch = [&](int depth, json::parse_event_t event, json& value) {
      if (depth > kMaxDepth) refuse("its header is nested too deeply", kRemedyFormat);
      if (event == json::parse_event_t::object_start) keys.emplace_back();
      if (event == json::parse_event_t::object_end) keys.pop_back();
      if (event == json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second) {
        refuse("its header has " + quoted(value.get<std::string>()) + " twice", kRemedyFormat);
      }
      return true;
    };
    try {
      return json::parse(text, watch);
    } catch (const json::exception& e) {
      const auto* parse = dynamic_cast<const json::parse_error*>(&e);
      refuse("its header is not well-formed JSON" + (parse ? " (at byte " + std::to_string(parse->byte) + ")" : std::string()),
             kRemedyDamaged);
    }
  }

  /// In the order of the data, which they cover without hole or overlap.
  std::vector<Entry> parse_entries(const json& header) const {
    std::vector<Entry> entries;
    for (const auto& [name, value] : header.items()) {
      if (name != "__metadata__") entries.push_back(parse_entry(name, value));
    }
    if (entries.empty()) refuse("has no tensors", kRemedyFormat);
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
    uint64_t covered = 0;
    for (const Entry& entry : entries) {
      if (entry.begin < covered) refuse("tensor " + quoted(entry.name) + " overlaps another one", kRemedyDamaged);
      if (entry.begin > covered) refuse("there are unused bytes before tensor " + quoted(entry.name), kRemedyDamaged);
      covered = entry.end;
    }
    if (covered != data_bytes_) {
      refuse(std::to_string(data_bytes_ - covered) + " unused bytes follow the last tensor", kRemedyDamaged);
    }
    return entries;
  }

  Entry parse_entry(const std::string& name, const json& value) const {
    const std::string tensor = "tensor " + quoted(name);
    if (!value.is_object()) refuse(tensor + " is not described by an object", kRemedyFormat);
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!value.contains(key)) refuse(tensor + " has no " + key, kRemedyFormat);
    }
    Entry entry;
    entry.name = name;
    if (!value["dtype"].is_string()) refuse(tensor + " has a dtype that is no string", kRemedyFormat);
    const std::string dtype = value["dtype"].get<std::string>();
    if (dtype != "F32" && dtype != "F16" && dtype != "BF16") {
      refuse(tensor + " has dtype " + quoted(dtype) + ", only F32, F16 and BF16 are read",
             "remove it if the model does not need it, else save it as float32");
    }
    entry.dtype = dtype == "F32" ? Dtype::F32 : dtype == "F16" ? Dtype::F16 : Dtype::BF16;
    for (const uint64_t n : parse_integers(tensor, "shape", value["shape"])) entry.shape.push_back(n);
    const std::vector<uint64_t> offsets = parse_integers(tensor, "data_offsets", value["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1]) refuse(tensor + " has data_offsets that are not [begin, end]", kRemedyDamaged);
    entry.begin = offsets[0], entry.end = offsets[1];
    if (entry.end > data_bytes_) {
      refuse("is cut short: " + tensor + " ends at byte " + std::to_string(entry.end) + " of the data, which has " +
                 std::to_string(data_bytes_),
             kRemedyDamaged);
    }
    const uint64_t available = (entry.end - entry.begin) / (entry.dtype == Dtype::F32 ? 4 : 2);
    uint64_t elements = 1;
    bool fits = true;
    for (const size_t n : entry.shape) {
      fits = fits && (n == 0 || elements <= available / n);
      elements = fits ? elements * n : 0;
    }
    if (!fits || elements * (entry.dtype == Dtype::F32 ? 4 : 2) != entry.end - entry.begin) {
      refuse(tensor + " has a shape that does not fit its " + std::to_string(entry.end - entry.begin) + " bytes", kRemedyDamaged);
    }
    entry.elements = elements;
    return entry;
  }

  std::vector<uint64_t> parse_integers(const std::string& tensor, const char* key, const json& value) const {
    std::vector<uint64_t> numbers;
    if (!value.is_array()) refuse(tensor + " has a " + key + " that is no array", kRemedyFormat);
    for (const json& n : value) {
      if (!n.is_number_unsigned()) refuse(tensor + " has a " + key + " that is not made of whole numbers from 0", kRemedyFormat);
      numbers.push_back(n.get<uint64_t>());
    }
    return numbers;
  }

  CheckpointTensor read_tensor(const Entry& entry) {
    CheckpointTensor tensor;
    tensor.shape = entry.shape;
    tensor.data.resize(entry.elements);
    if (entry.dtype == Dtype::F32) {
      read_bytes(tensor.data.data(), entry.elements * 4);
    } else {
      std::vector<uint16_t> narrow(entry.elements);
      read_bytes(narrow.data(), entry.elements * 2);
      for (size_t i = 0; i < narrow.size(); ++i) tensor.data[i] = widen(narrow[i], entry.dtype);
    }
    for (size_t i = 0; i < tensor.data.size(); ++i) {
      uint32_t bits;
      std::memcpy(&bits, &tensor.data[i], 4);
      if ((bits & 0x7f800000) == 0x7f800000) {
        refuse("tensor " + quoted(entry.name) + " holds a NaN or infinity (element " + std::to_string(i) + ")",
               "the training diverged or the file is damaged: give a checkpoint of finite numbers");
      }
    }
    return tensor;
  }

  static float widen(uint16_t narrow, Dtype dtype) {
    uint32_t bits = uint32_t{narrow} << 16;
    if (dtype == Dtype::F16) {
      const uint32_t exponent = narrow >> 10 & 31, mantissa = narrow & 1023;
      if (exponent == 0) {
        const float value = static_cast<float>(mantissa) * 0x1p-24f;  // zero and subnormals
        return narrow & 0x8000 ? -value : value;
      }
      bits = (narrow & 0x8000u) << 16 | (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
    }
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }

  const std::string path_;
  std::ifstream file_;
  Sha256 hash_;
  uint64_t file_bytes_ = 0, data_bytes_ = 0;
};

}  // namespace

Checkpoint read_safetensors(const std::string& path) { return SafetensorsReader(path).read(); }

}  // namespace vitro
