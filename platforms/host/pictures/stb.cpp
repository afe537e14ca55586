// SPDX-License-Identifier: Apache-2.0
// The one translation unit that implements stb_image; hardened, because photos come from anywhere.
// Build it with -fwrapv: a corrupt JPEG's coefficients overflow its IDCT, which is then defined,
// and alike everywhere.
#include <cstdlib>
#include <cstring>

#include "platforms/host/pictures/stb_reader.h"

namespace {

// Without a bound a PNG of one pixel inflates to 4 GiB.
thread_local size_t most_at_once = 0;
thread_local bool refused = false;

// What the system does not give is not the picture's fault; what is beyond the bound is.
void* given(void* block) {
  refused = refused || !block;
  return block;
}

// Zeroed, so that pixels that a corrupt file leaves unwritten are the same in every run.
void* bounded_alloc(size_t bytes) {
  return bytes > most_at_once ? nullptr : given(std::calloc(bytes, 1));
}

void* bounded_realloc(void* old, size_t old_bytes, size_t bytes) {
  void* block = bytes > most_at_once ? nullptr : given(std::realloc(old, bytes));
  if (block && bytes > old_bytes)
    std::memset(static_cast<char*>(block) + old_bytes, 0, bytes - old_bytes);
  return block;
}

}  // namespace

void vitro::host::pictures::limit_stb_allocations(size_t bytes) {
  most_at_once = bytes;
  refused = false;
}

bool vitro::host::pictures::stb_was_refused_memory() { return refused; }

#define STBI_MALLOC bounded_alloc
#define STBI_REALLOC std::realloc  // not used: the sized one is
#define STBI_REALLOC_SIZED bounded_realloc
#define STBI_FREE std::free

#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_NO_STDIO
#define STBI_NO_SIMD  // the vector IDCT and upsampling are not required to round as the scalar ones
                      // do
#define STBI_MAX_DIMENSIONS 16384
#define STBI_FAILURE_USERMSG
#define STB_IMAGE_IMPLEMENTATION
#include <stb/stb_image.h>
