// SPDX-License-Identifier: Apache-2.0
// Reads .npz: a zip archive of .npy files (NumPy's format specification, versions 1 to 3).
#include <cstring>

#include "converter/base/error.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/numbers.h"

namespace vitro::converter {
namespace {

constexpr size_t kMaxHeader = 4096;
constexpr char kRemedyArrays[] = "save plain arrays: numpy.savez(PATH, **arrays)";

struct NpyHeader {
  std::string descr;
  bool fortran_order = false;
  std::vector<size_t> shape;
};

/// The Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  explicit HeaderParser(const std::string& text) : text_(text) {}

  bool parse(NpyHeader* header) {
    bool descr = false, order = false, shape = false;
    if (!take('{')) return false;
    while (!take('}')) {
      std::string key;
      if (!string(&key) || !take(':')) return false;
      if (key == "descr" && !descr) {
        descr = string(&header->descr);
        if (!descr) return false;
      } else if (key == "fortran_order" && !order) {
        order = boolean(&header->fortran_order);
        if (!order) return false;
      } else if (key == "shape" && !shape) {
        shape = tuple(&header->shape);
        if (!shape) return false;
      } else {
        return false;
      }
      if (!take(',') && peek() != '}') return false;
    }
    return descr && order && shape && peek() == '\0';
  }

 private:
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  bool string(std::string* to) {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return false;
    const size_t end = text_.find(quote, ++at_);
    if (end == std::string::npos) return false;
    *to = text_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }
  bool boolean(bool* to) {
    peek();
    for (const char* word : {"False", "True"}) {
      if (text_.compare(at_, std::strlen(word), word) != 0) continue;
      at_ += std::strlen(word);
      *to = word[0] == 'T';
      return true;
    }
    return false;
  }
  bool tuple(std::vector<size_t>* to) {
    if (!take('(')) return false;
    while (!take(')')) {
      size_t digits = 0, number = 0;
      for (peek(); at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_, ++digits)
        number = number * 10 + static_cast<size_t>(text_[at_] - '0');
      if (digits == 0 || digits > 18 || to->size() == 8) return false;
      if (at_ < text_.size() && text_[at_] == 'L') ++at_;  // Python 2's long
      to->push_back(number);
      if (!take(',') && peek() != ')') return false;
    }
    return true;
  }

  const std::string& text_;
  size_t at_ = 0;
};

/// Of NumPy's code for a little-endian kind of number; false if it is none that is known.
bool dtype_of(const std::string& descr, Dtype* dtype, size_t* width) {
  const std::string code =
      descr.substr(descr.empty() || (descr[0] != '<' && descr[0] != '|') ? 0 : 1);
  const struct {
    const char* code;
    Dtype dtype;
    size_t width;
  } kKnown[] = {{"f8", Dtype::F64, 8},   {"f4", Dtype::F32, 4},   {"f2", Dtype::F16, 2},
                {"V2", Dtype::BF16, 2},  {"i8", Dtype::Whole, 8}, {"i4", Dtype::Whole, 4},
                {"i2", Dtype::Whole, 2}, {"i1", Dtype::Whole, 1}, {"u8", Dtype::Whole, 8},
                {"u4", Dtype::Whole, 4}, {"u2", Dtype::Whole, 2}, {"u1", Dtype::Whole, 1},
                {"b1", Dtype::Whole, 1}};
  for (const auto& known : kKnown) {
    if (code != known.code) continue;
    *dtype = known.dtype, *width = known.width;
    return true;
  }
  return false;
}

class NpzReader {
 public:
  NpzReader(WeightsFile& file, const ZipArchive& archive) : file_(file), archive_(archive) {}

  Checkpoint read() {
    if (archive_.size() > kMaxTensors)
      file_.refuse(
          "has " + std::to_string(archive_.size()) + " arrays, more than any vision transformer",
          kRemedyArrays);
    checkpoint_.path = file_.path();
    for (const auto& [name, entry] : archive_)
      read_array(name.substr(0, name.size() - 4), name, entry);
    if (checkpoint_.tensors.empty())
      file_.refuse("has no arrays of floating-point numbers", kRemedyArrays);
    checkpoint_.sha256 = file_.sha256();
    return std::move(checkpoint_);
  }

 private:
  void read_array(const std::string& name, const std::string& entry_name, const ZipEntry& entry) {
    const auto refuse = [&](const std::string& fault, const std::string& remedy) {
      file_.refuse("array " + in_quotes(name) + " " + fault, remedy);
    };
    const std::string head = read_zip_entry(
        file_, entry_name, entry, static_cast<size_t>(std::min<uint64_t>(entry.size, kMaxHeader)));
    if (head.size() < 12 || head.compare(0, 6, "\x93NUMPY") != 0)
      refuse("is not a .npy file", kRemedyDamaged);
    const int version = head[6];
    if (version < 1 || version > 3) refuse("is of an unknown version of .npy", kRemedyArrays);
    const size_t prefix = version == 1 ? 10 : 12;
    size_t size = 0;
    for (size_t i = prefix; i-- > 8;) size = size << 8 | static_cast<uint8_t>(head[i]);
    NpyHeader header;
    Dtype dtype = Dtype::Foreign;
    size_t width = 0, count = 0;
    if (size > head.size() - prefix || !HeaderParser(head.substr(prefix, size)).parse(&header))
      refuse("has a header that cannot be read", kRemedyDamaged);
    if (header.descr[0] == '>')
      refuse("is big-endian", "save it on the usual machine, or by array.astype('<f4')");
    if (header.descr.find('O') != std::string::npos)
      refuse("holds Python objects (a pickle), not numbers", kRemedyArrays);
    if (!dtype_of(header.descr, &dtype, &width))
      refuse("is of dtype " + in_quotes(header.descr) +
                 ", only float64, float32, float16 and bfloat16 are read",
             kRemedyArrays);
    const uint64_t data = entry.size - prefix - size;
    if (!element_count(header.shape, static_cast<size_t>(data / width), &count) ||
        count * width != data) {
      refuse("has a shape that does not fit its " + std::to_string(data) + " bytes",
             kRemedyDamaged);
    }
    if (dtype == Dtype::Whole) {
      checkpoint_.not_float.push_back(name);
      return;
    }
    const std::string bytes = read_zip_entry(file_, entry_name, entry);
    if (bytes.compare(0, head.size(), head) != 0)
      refuse("changed while it was read", kRemedyDamaged);
    CheckpointTensor tensor;
    tensor.shape = header.shape;
    tensor.data.resize(count);
    to_floats(bytes.data() + prefix + size, count, dtype, tensor.data.data());
    if (header.fortran_order && header.shape.size() > 1) {
      std::vector<size_t> strides(header.shape.size(), 1);
      for (size_t d = 1; d < strides.size(); ++d) strides[d] = strides[d - 1] * header.shape[d - 1];
      std::vector<float> rows(count);
      gather(tensor.data.data(), 0, header.shape, strides, rows.data());
      tensor.data = std::move(rows);
    }
    check_finite(file_.path(), name, tensor);
    checkpoint_.tensors.emplace(name, std::move(tensor));
  }

  WeightsFile& file_;
  const ZipArchive& archive_;
  Checkpoint checkpoint_;
};

}  // namespace

Checkpoint read_npz(WeightsFile& file, const ZipArchive& archive) {
  return NpzReader(file, archive).read();
}

}  // namespace vitro::converter
