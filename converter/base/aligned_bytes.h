// SPDX-License-Identifier: Apache-2.0
// Memory that starts at a multiple of VITRO_ALIGNMENT, as programs and arenas must.
#pragma once

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
      : data_(static_cast<uint8_t*>(
            ::operator new (size ? size : 1, std::align_val_t{VITRO_ALIGNMENT}))),
        size_(size) {}
  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }

 private:
  struct Deleter {
    void operator()(uint8_t* p) const { ::operator delete (p, std::align_val_t{VITRO_ALIGNMENT}); }
  };
  std::unique_ptr<uint8_t, Deleter> data_;
  size_t size_ = 0;
};

}  // namespace vitro
