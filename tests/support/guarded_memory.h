// SPDX-License-Identifier: Apache-2.0
// Memory that ends at a page which must not be accessed, with guard bytes in the gaps that
// alignment leaves.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "vitro/vitro.h"

namespace vitro {

class GuardedMemory {
 public:
  /// data() starts at a multiple of VITRO_ALIGNMENT and ends at most that many bytes before the
  /// forbidden page. The system provides pages when they are first used.
  explicit GuardedMemory(size_t size) : size_(size) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    inner_ = (size + 2 * VITRO_ALIGNMENT + page - 1) / page *
             page;  // so that there is a gap before data() as well
    mapped_ = inner_ + 2 * page;
    void* at =
        mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) std::abort();
    map_ = static_cast<uint8_t*>(at);
    first_ = map_ + page;
    if (mprotect(first_, inner_, PROT_READ | PROT_WRITE) != 0) std::abort();
    data_ = first_ + (inner_ - size) / VITRO_ALIGNMENT * VITRO_ALIGNMENT;
    std::memset(data_ - VITRO_ALIGNMENT, kGuard, VITRO_ALIGNMENT);
    std::memset(data_ + size_, kGuard, after());
  }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;
  ~GuardedMemory() { munmap(map_, mapped_); }

  uint8_t* data() { return data_; }
  const uint8_t* data() const { return data_; }
  size_t size() const { return size_; }
  void fill(int byte) { std::memset(data_, byte, size_); }
  void forbid_writes() { mprotect(first_, inner_, PROT_READ); }

  bool guards_intact() const {
    for (size_t i = 0; i < after(); ++i)
      if (data_[size_ + i] != kGuard) return false;
    for (size_t i = 1; i <= VITRO_ALIGNMENT; ++i)
      if (*(data_ - i) != kGuard) return false;
    return true;
  }

 private:
  static constexpr uint8_t kGuard = 0xdb;
  size_t after() const { return static_cast<size_t>(first_ + inner_ - (data_ + size_)); }

  size_t size_, inner_ = 0, mapped_ = 0;
  uint8_t *map_ = nullptr, *first_ = nullptr, *data_ = nullptr;
};

}  // namespace vitro
