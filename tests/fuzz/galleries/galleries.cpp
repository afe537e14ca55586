// SPDX-License-Identifier: Apache-2.0
// A gallery file. An odd first byte: its digest and its sizes are made right before it is read, so
// that what lies behind them is reached.
#include <cmath>

#include "converter/base/error.h"
#include "platforms/host/gallery/neighbours.h"
#include "runtime/digest/sha256.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

constexpr size_t kHeaderBytes = 88, kDigestAt = 56, kTextAt = 20;

uint32_t word(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<uint8_t>(bytes[at + i]);
  return value;
}

void put_word(std::string& bytes, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 255);
}

void make_right(std::string& bytes) {
  if (bytes.size() < kHeaderBytes) return;
  bytes.replace(0, 8, "VTROGAL1");
  put_word(bytes, 8, word(bytes, 8) % 16 + 1);
  put_word(bytes, 12, word(bytes, 12) % 64 + 1);
  put_word(bytes, 16, word(bytes, 16) % 16);
  const size_t rows = word(bytes, 12) * (4 + word(bytes, 8));
  if (bytes.size() < kHeaderBytes + rows) return;
  put_word(bytes, kTextAt, static_cast<uint32_t>(bytes.size() - kHeaderBytes - rows));
  uint8_t digest[Sha256::kBytes] = {};
  bytes.replace(kDigestAt, sizeof digest, sizeof digest, '\0');
  Sha256 hash;
  hash.update(bytes.data(), bytes.size());
  hash.finish(digest);
  bytes.replace(kDigestAt, sizeof digest, reinterpret_cast<const char*>(digest), sizeof digest);
}

void compare(const host::Gallery& gallery) {
  const std::vector<int8_t> query(gallery.row(0), gallery.row(0) + gallery.cols);
  const std::vector<host::Neighbour> near = host::nearest(gallery, query, 20);
  require(!near.empty() && near.size() <= 20, "no neighbours, or too many");
  for (const host::Neighbour& n : near)
    require(n.row < gallery.files.size() && std::abs(n.cosine) < 1.000001, "no cosine");
  for (const host::Vote vote : {host::Vote::Plain, host::Vote::Weighted}) {
    double sum = 0;
    for (const float share : host::shares(gallery, near, vote)) sum += static_cast<double>(share);
    require(sum == 0 || std::abs(sum - 1) < 1e-3, "shares that are no shares");
  }
}

}  // namespace

int run_input(const uint8_t* data, size_t size) {
  static const Folder folder;
  if (size == 0) return 0;
  std::string bytes = text_of(data + 1, size - 1);
  if (data[0] & 1) make_right(bytes);
  try {
    const host::Gallery gallery = host::read_gallery(folder.write("gallery", bytes));
    require(host::bytes_of(gallery) == bytes, "a gallery that is written otherwise");
    compare(gallery);
  } catch (const InputError&) {
    // refused, by a sentence
  }
  return 0;
}

}  // namespace vitro::fuzz
