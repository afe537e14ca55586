// SPDX-License-Identifier: Apache-2.0
// Memory for one operand of a kernel, kept between calls. It ends at a page that must not be
// accessed, or starts after one.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

enum class Edge { end, start };

class Operand {
 public:
  static constexpr size_t kCapacity = size_t{4} << 20;

  Operand() {
    page_ = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* map = mmap(nullptr, kCapacity + 2 * page_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    require(map != MAP_FAILED, "no memory");
    first_ = static_cast<uint8_t*>(map) + page_;
    require(mprotect(first_, kCapacity, PROT_READ | PROT_WRITE) == 0, "no memory");
  }
  Operand(const Operand&) = delete;
  Operand& operator=(const Operand&) = delete;
  ~Operand() { munmap(first_ - page_, kCapacity + 2 * page_); }

  /// Returns `size` bytes at `edge`; the bytes beside them are kGuard. At the end of the memory
  /// they are aligned if `size` is a multiple of the alignment.
  uint8_t* place(size_t size, Edge edge) {
    require(size <= kCapacity, "an operand that is too large");
    size_ = size;
    data_ = edge == Edge::end ? first_ + kCapacity - size : first_;
    std::memset(data_ - before(), kGuard, before());
    std::memset(data_ + size, kGuard, after());
    return data_;
  }
  template <class T>
  T* place_of(size_t count, Edge edge) {
    return reinterpret_cast<T*>(place(count * sizeof(T), edge));
  }
  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }

  bool guards_intact() const {
    for (size_t i = 1; i <= before(); ++i)
      if (*(data_ - i) != kGuard) return false;
    for (size_t i = 0; i < after(); ++i)
      if (data_[size_ + i] != kGuard) return false;
    return true;
  }

 private:
  static constexpr uint8_t kGuard = 0xdb;
  static constexpr size_t kGuardBytes = 128;
  static size_t least(size_t a, size_t b) { return a < b ? a : b; }
  size_t before() const { return least(kGuardBytes, static_cast<size_t>(data_ - first_)); }
  size_t after() const {
    return least(kGuardBytes, static_cast<size_t>(first_ + kCapacity - (data_ + size_)));
  }

  size_t page_ = 0, size_ = 0;
  uint8_t *first_ = nullptr, *data_ = nullptr;
};

}  // namespace vitro::fuzz
