// SPDX-License-Identifier: Apache-2.0
#include "converter/base/npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

#include "converter/base/error.h"

namespace vitro {

namespace {

constexpr size_t kHeaderBytes =
    128;  // in the files that we write: room for any shape; numpy aligns to 64
constexpr uint32_t kMaxHeaderBytes = 64 << 10;  // numpy itself reads at most 10,000
const char* const kSaveRemedy =
    "save it with numpy.save(FILE, numpy.ascontiguousarray(logits, dtype='float32'))";

/// The header is a Python dictionary with a string, a boolean and a tuple of integers. Nothing else
/// is understood.
class Header {
 public:
  explicit Header(const std::string& text) : text_(text) {}

  bool parse() {
    if (!take('{')) return false;
    while (!take('}')) {
      const std::optional<std::string> key = string();
      if (!key || !take(':')) return false;
      if (*key == "descr" && descr.empty()) {
        const std::optional<std::string> value = string();
        if (!value) return false;
        descr = *value;
      } else if (*key == "fortran_order" && !order_given_) {
        order_given_ = true;
        fortran_order = word("True");
        if (!fortran_order && !word("False")) return false;
      } else if (*key == "shape" && !shape_given_) {
        shape_given_ = true;
        if (!tuple()) return false;
      } else {
        return false;
      }
      if (!take(',') && peek() != '}') return false;
    }
    return peek() == '\0' && !descr.empty() && order_given_ && shape_given_;
  }

  std::string descr;
  bool fortran_order = false;
  std::vector<uint64_t> shape;

 private:
  char peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool word(const std::string& expected) {
    peek();
    if (text_.compare(at_, expected.size(), expected) != 0) return false;
    at_ += expected.size();
    return true;
  }
  std::optional<std::string> string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') return std::nullopt;
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string::npos) return std::nullopt;
    const std::string value = text_.substr(at_ + 1, end - at_ - 1);
    at_ = end + 1;
    return value;
  }
  bool tuple() {
    if (!take('(')) return false;
    while (!take(')')) {
      if (peek() < '0' || peek() > '9' || shape.size() == 32) return false;
      uint64_t value = 0;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
        value = value * 10 + static_cast<uint64_t>(text_[at_] - '0');
        if (value > (uint64_t{1} << 48)) return false;
      }
      if (peek() == 'L') ++at_;  // a long of Python 2
      shape.push_back(value);
      if (!take(',') && peek() != ')') return false;
    }
    return true;
  }

  const std::string& text_;
  size_t at_ = 0;
  bool order_given_ = false, shape_given_ = false;
};

std::string text_of(const std::vector<uint64_t>& shape) {
  std::string out = "(";
  for (size_t i = 0; i < shape.size(); ++i) out += (i ? ", " : "") + std::to_string(shape[i]);
  return out + (shape.size() == 1 ? ",)" : ")");
}

template <class Number>
Number number(const uint8_t* bytes, bool swapped) {
  uint8_t ordered[sizeof(Number)];
  std::memcpy(ordered, bytes, sizeof ordered);
  if (swapped) std::reverse(ordered, ordered + sizeof ordered);
  Number value;
  std::memcpy(&value, ordered, sizeof value);
  return value;
}

}  // namespace

NpyReader::NpyReader(const std::string& path) : file_(path, "give a .npy file") {
  const auto refuse = [&](const std::string& fault, const std::string& remedy = kSaveRemedy) {
    throw InputError(path, fault, remedy);
  };
  const uint64_t bytes = file_.size();
  uint8_t prefix[12] = {};
  file_.read(0, prefix, static_cast<size_t>(std::min<uint64_t>(bytes, sizeof prefix)));
  if (std::memcmp(prefix, "PK\x03\x04", 4) == 0) refuse("is a zip file (.npz?), not a .npy file");
  if (std::memcmp(prefix, "\x93NUMPY", 6) != 0)
    refuse("is not a .npy file (its first bytes are not those of one)");
  const unsigned version = prefix[6];
  if (version < 1 || version > 3 || prefix[7] != 0)
    refuse("is of .npy version " + std::to_string(version) + "." + std::to_string(prefix[7]) +
           ", which is not known");
  const size_t before = version == 1 ? 10 : 12;
  uint32_t length = prefix[8] | static_cast<uint32_t>(prefix[9]) << 8;
  if (version > 1)
    length |= static_cast<uint32_t>(prefix[10]) << 16 | static_cast<uint32_t>(prefix[11]) << 24;
  if (length > kMaxHeaderBytes || before + length > bytes)
    refuse("is damaged: its header would be " + std::to_string(length) + " bytes long");
  std::string text(length, '\0');
  file_.read(before, text.data(), length);
  start_ = before + length;

  Header header(text);
  if (!header.parse()) refuse("has a .npy header that is not one of plain numbers");
  const std::string type =
      header.descr.size() == 3 && (header.descr[0] == '<' || header.descr[0] == '>')
          ? header.descr.substr(1)
          : "";
  if (type != "f4" && type != "f8")
    refuse("holds numbers of type '" + shown(header.descr, 24) +
           "', where float32 or float64 is read");
  swapped_ = header.descr[0] == '>';
  width_ = type == "f4" ? 4 : 8;
  if (header.shape.size() != 1 && header.shape.size() != 2)
    refuse("has the shape " + text_of(header.shape) + ", where (pictures, classes) is read");
  const uint64_t rows = header.shape.size() == 2 ? header.shape[0] : 1, cols = header.shape.back();
  if (rows == 0 || cols == 0)
    refuse("has the shape " + text_of(header.shape) + ": nothing is in it");
  if (header.fortran_order && rows > 1 && cols > 1)
    refuse("is in Fortran order, where C order is read");
  const uint64_t room = (bytes - start_) / width_;
  if (rows > room / cols)
    refuse("is cut short: its shape is " + text_of(header.shape) + ", and it has " +
               std::to_string(bytes) + " bytes",
           "copy or save it again");
  if (bytes - start_ != rows * cols * width_)
    refuse("is longer than its shape " + text_of(header.shape) + " says", "copy or save it again");
  rows_ = static_cast<size_t>(rows);
  cols_ = static_cast<size_t>(cols);
}

void NpyReader::read_row(size_t row, float* values) const {
  std::vector<uint8_t> bytes(cols_ * width_);
  file_.read(start_ + static_cast<uint64_t>(row) * bytes.size(), bytes.data(), bytes.size());
  for (size_t c = 0; c < cols_; ++c) {
    const uint8_t* at = bytes.data() + c * width_;
    values[c] = width_ == 4 ? number<float>(at, swapped_)
                            : static_cast<float>(number<double>(at, swapped_));
    if (!std::isfinite(values[c]))
      throw InputError(
          path(),
          "has " +
              std::string(std::isnan(values[c]) ? "a NaN" : "an infinite or too large number") +
              " in row " + std::to_string(row) + ", column " + std::to_string(c) +
              " (counted from 0)",
          "save logits that are numbers");
  }
}

Matrix read_npy(const std::string& path) {
  const NpyReader reader(path);
  Matrix matrix(reader.rows(), reader.cols());
  for (size_t row = 0; row < reader.rows(); ++row) reader.read_row(row, matrix.row(row));
  return matrix;
}

NpyWriter::NpyWriter(const std::string& path, const std::vector<size_t>& row_shape)
    : file_(path), row_shape_(row_shape) {
  for (const size_t n : row_shape) row_values_ *= n;
  file_.write(std::string(kHeaderBytes, ' '));  // the number of rows is not known yet
}

void NpyWriter::append(const float* row) {
  file_.write(row, row_values_ * sizeof(float));
  ++rows_;
}

OutputFile& NpyWriter::whole() {
  std::string header = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(kHeaderBytes - 10) +
                       '\0' + "{'descr': '<f4', 'fortran_order': False, 'shape': (" +
                       std::to_string(rows_);
  for (const size_t n : row_shape_) header += ", " + std::to_string(n);
  header += row_shape_.empty() ? ",), }" : "), }";
  header.resize(kHeaderBytes - 1, ' ');
  header += '\n';
  file_.rewrite_start(header.data(), header.size());
  return file_;
}

}  // namespace vitro
