// SPDX-License-Identifier: Apache-2.0
// Memory that starts at a multiple of VITRO_ALIGNMENT, as programs and arenas must.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "vitro/vitro.h"

namespace vitro {

class AlignedBytes {
 public:
  AlignedBytes() = default;
  explicit AlignedBytes(size_t size)
      : data_(static_cast<uint8_t*>(::operator new(size ? size : 1, alignment_of(size))),
              Deleter{alignment_of(size)}),
        size_(size) {
#if defined(MADV_HUGEPAGE)
    // One page fault for each 2 MiB instead of 512. A wish: what refuses it gives small pages.
    if (size >= kLarge) madvise(data_.get(), size, MADV_HUGEPAGE);
#endif
  }
  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kHugePage = size_t{1} << 21, kLarge = 2 * kHugePage;
  static std::align_val_t alignment_of(size_t size) {
    return std::align_val_t{size < kLarge ? VITRO_ALIGNMENT : kHugePage};
  }
  struct Deleter {
    std::align_val_t alignment;
    void operator()(uint8_t* p) const { ::operator delete(p, alignment); }
  };
  std::unique_ptr<uint8_t, Deleter> data_;
  size_t size_ = 0;
};

}  // namespace vitro
