// SPDX-License-Identifier: Apache-2.0
// What the fuzzer of kernels makes calls of: numbers from its input, operands' contents, and the
// comparison of every variant with the reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "runtime/kernels/kernels.h"
#include "tests/fuzz/kernels/operand.h"
#include "tests/fuzz/support/choices.h"

namespace vitro::fuzz {

inline size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

// Reads numbers of two bytes from the input; 0 past its end.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  size_t below(size_t n) { return next() % n; }
  size_t from(size_t low, size_t high) { return low + below(high - low + 1); }
  bool flag() { return next() % 2 != 0; }
  Edge edge() { return flag() ? Edge::start : Edge::end; }
  uint64_t seed() {
    uint64_t seed = next();
    for (int i = 0; i < 3; ++i) seed = seed << 16 | next();
    return seed;
  }

 private:
  size_t next() {
    const size_t low = at_ < size_ ? data_[at_] : 0, high = at_ + 1 < size_ ? data_[at_ + 1] : 0;
    at_ += 2;
    return low | high << 8;
  }
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

inline void fill_bytes(uint8_t* to, size_t count, int lowest, size_t kind, Choices& c) {
  for (size_t i = 0; i < count; ++i) {
    int value = static_cast<int>(c.between(lowest, 127));
    if (kind == 0) value = 127;
    if (kind == 1) value = lowest;
    if (kind == 2) value = c.one_in(2) ? 127 : lowest;
    if (kind == 3) value %= 4;
    if (kind == 4) value = c.one_in(9) ? value : 0;
    to[i] = static_cast<uint8_t>(value);
  }
}

inline void fill_rows(int16_t* to, size_t count, size_t cols, size_t kind, Choices& c) {
  for (size_t i = 0; i < count; ++i) {
    int64_t value = c.between(-32768, 32767);
    if (kind == 0) value = c.one_in(2) ? 32767 : -32768;
    if (kind == 1) value = c.between(0, 2);
    if (kind == 2) value = -32768;
    if (kind == 3) value = i % cols == 0 ? 32767 : -32768;
    if (kind == 4) value = c.between(-300, 500);
    if (kind == 5) value = i / cols % 2 ? 0 : value;
    to[i] = static_cast<int16_t>(value);
  }
}

inline void fill_any(Operand& operand, Choices& c) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < operand.size(); ++i, bytes >>= 8) {
    if (i % 8 == 0) bytes = c.next();
    operand.data()[i] = static_cast<uint8_t>(bytes);
  }
}

// The memory that a kernel writes, and its workspace.
struct Written {
  Operand bytes, params, workspace;
};
inline Written& written() {
  static Written written;
  return written;
}

// The variants of this machine, the reference last. They are asked for only once, because a virtual
// machine takes long to say what its processor has.
inline const std::vector<const KernelTable*>& variants() {
  static const std::vector<const KernelTable*> all = [] {
    std::vector<const KernelTable*> tables;
    tables.reserve(8);
    while (const KernelTable* table = kernel_table(tables.size())) tables.push_back(table);
    return tables;
  }();
  return all;
}

// Runs call(table) for the reference and then for every other variant.
template <class Call>
void compare(const char* what, const Call& call) {
  Written& w = written();
  const auto take = [&](const KernelTable& table) {
    call(table);
    if (!w.bytes.guards_intact() || !w.params.guards_intact() || !w.workspace.guards_intact())
      fail(std::string(what) + " of " + table.isa + " writes outside its operands");
    std::vector<uint8_t> out(w.bytes.data(), w.bytes.data() + w.bytes.size());
    out.insert(out.end(), w.params.data(), w.params.data() + w.params.size());
    return out;
  };
  const std::vector<uint8_t> want = take(*variants().back());
  for (const KernelTable* table : variants())
    if (table != variants().back() && take(*table) != want)
      fail(std::string(what) + " of " + table->isa + " differs from the reference's");
}

}  // namespace vitro::fuzz
