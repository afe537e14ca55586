// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/gallery/gallery.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "runtime/digest/sha256.h"

namespace vitro::host {

namespace {

constexpr char kMagic[] = "VTROGAL1";
constexpr size_t kMagicBytes = 8, kDigestAt = 56, kHeaderBytes = 88;
constexpr size_t kMostCols = 1 << 16, kMostRows = 1 << 24, kMostClasses = 1 << 16;
constexpr uint64_t kMostBytes = uint64_t{1} << 30;
constexpr char kRemedy[] = "make it again with 'vitro index'";

void append_word(std::string& to, size_t value) {
  for (int shift = 0; shift < 32; shift += 8) to += static_cast<char>(value >> shift & 255);
}

uint32_t word_at(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
  return value;
}

std::string digest_of(const void* data, size_t size) {
  uint8_t bytes[Sha256::kBytes];
  Sha256 hash;
  hash.update(data, size);
  hash.finish(bytes);
  return {reinterpret_cast<const char*>(bytes), sizeof bytes};
}

// Of the file with zeros in the digest's place.
std::string sealed(std::string bytes) {
  std::fill_n(bytes.begin() + kDigestAt, Sha256::kBytes, '\0');
  const std::string digest = digest_of(bytes.data(), bytes.size());
  std::copy(digest.begin(), digest.end(), bytes.begin() + kDigestAt);
  return bytes;
}

double length_of(const int8_t* row, size_t cols) {
  int64_t squares = 0;
  for (size_t c = 0; c < cols; ++c) squares += int64_t{row[c]} * row[c];
  return std::sqrt(static_cast<double>(squares));
}

class Reader {
 public:
  Reader(const std::string& path, const std::string& bytes) : path_(path), bytes_(bytes) {}

  Gallery read() {
    if (bytes_.size() < kHeaderBytes || bytes_.compare(0, kMagicBytes, kMagic) != 0)
      throw InputError(path_, "is not a gallery", kRemedy);
    Gallery gallery;
    gallery.cols = word_at(bytes_, 8);
    const size_t rows = word_at(bytes_, 12), classes = word_at(bytes_, 16),
                 text = word_at(bytes_, 20);
    const bool sizes = gallery.cols >= 1 && gallery.cols <= kMostCols && rows >= 1 &&
                       rows <= kMostRows && classes <= kMostClasses && text < kMostBytes &&
                       bytes_.size() == kHeaderBytes + text + rows * (4 + gallery.cols);
    if (!sizes || sealed(bytes_) != bytes_) throw InputError(path_, "is damaged", kRemedy);
    gallery.program_sha256 = bytes_.substr(24, Sha256::kBytes);
    read_names(gallery, {classes, rows, text});
    read_rows(gallery, rows, kHeaderBytes + text);
    return gallery;
  }

 private:
  struct Names {
    size_t classes, rows, text;
  };

  [[noreturn]] void refuse(const char* fault) const { throw InputError(path_, fault, kRemedy); }

  void read_names(Gallery& gallery, const Names& names) const {
    std::vector<std::string> all;
    const size_t end = kHeaderBytes + names.text;
    for (size_t at = kHeaderBytes; at < end;) {
      const size_t zero = bytes_.find('\0', at);
      if (zero >= end || all.size() > names.classes + names.rows) refuse("has no end of its names");
      all.push_back(bytes_.substr(at, zero - at));
      at = zero + 1;
    }
    if (all.size() != 1 + names.classes + names.rows) refuse("lacks names");
    const auto classes = all.begin() + 1, files = classes + static_cast<ptrdiff_t>(names.classes);
    gallery.output = all[0];
    gallery.classes.assign(classes, files);
    gallery.files.assign(files, all.end());
  }

  void read_rows(Gallery& gallery, size_t rows, size_t at) const {
    for (size_t i = 0; i < rows; ++i, at += 4) {
      gallery.labels.push_back(word_at(bytes_, at));
      if (gallery.labels[i] != Gallery::kNoClass && gallery.labels[i] >= gallery.classes.size())
        refuse("has a label that is no class");
    }
    gallery.rows.resize(rows * gallery.cols);
    std::memcpy(gallery.rows.data(), bytes_.data() + at, gallery.rows.size());
    for (size_t i = 0; i < rows; ++i) {
      gallery.lengths.push_back(length_of(gallery.row(i), gallery.cols));
      if (gallery.lengths[i] == 0) refuse("has a row of zeros");
    }
  }

  const std::string& path_;
  const std::string& bytes_;
};

}  // namespace

std::string sha256_of(const ProgramFile& file) {
  const vitro_program& program = *file.program().get();
  return digest_of(program.data, program.size);
}

std::vector<int8_t> gallery_row(const std::vector<float>& values, const std::string& photo) {
  float largest = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) largest = value;
    if (!std::isfinite(largest)) break;
    largest = std::max(largest, std::abs(value));
  }
  if (!std::isfinite(largest) || largest == 0)
    throw InputError(photo, "has features that are all 0, or no numbers",
                     "check the program: 'vitro verify'");
  std::vector<int8_t> row;
  row.reserve(values.size());
  for (const float value : values)
    row.push_back(static_cast<int8_t>(
        std::lround(static_cast<double>(value) / static_cast<double>(largest) * 127)));
  return row;
}

void add_row(Gallery& gallery, const std::vector<int8_t>& row, const std::string& photo,
             uint32_t label) {
  if (gallery.files.size() == kMostRows || row.size() > kMostCols)
    throw InputError(photo, "is one more than a gallery holds", "give fewer photos");
  gallery.cols = row.size();
  gallery.rows.insert(gallery.rows.end(), row.begin(), row.end());
  gallery.lengths.push_back(length_of(row.data(), row.size()));
  gallery.files.push_back(photo);
  gallery.labels.push_back(label);
}

std::string bytes_of(const Gallery& gallery) {
  std::string text = gallery.output + '\0';
  for (const std::string& name : gallery.classes) text += name + '\0';
  for (const std::string& name : gallery.files) text += name + '\0';
  std::string out = kMagic;
  for (const size_t value :
       {gallery.cols, gallery.files.size(), gallery.classes.size(), text.size()})
    append_word(out, value);
  out += gallery.program_sha256;
  out.append(Sha256::kBytes, '\0');
  out += text;
  for (const uint32_t label : gallery.labels) append_word(out, label);
  out.append(reinterpret_cast<const char*>(gallery.rows.data()), gallery.rows.size());
  return sealed(std::move(out));
}

Gallery read_gallery(const std::string& path) {
  const std::string bytes = read_file(path, kMostBytes, "give a gallery that 'vitro index' made");
  return Reader(path, bytes).read();
}

}  // namespace vitro::host
