// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/stb_reader.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include <stb/stb_image.h>

#include "converter/base/error.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kMaxStbSide = 16384;  // STBI_MAX_DIMENSIONS in stb.cpp

// stb_image takes missing bytes for zeros and may call the result a picture; only its reader can
// see that it ran over the end.
struct Source {
  const uint8_t* next;
  size_t left;
  bool overran = false;
};

int source_read(void* user, char* to, int size) {
  auto& source = *static_cast<Source*>(user);
  const size_t count = std::min(source.left, static_cast<size_t>(std::max(size, 0)));
  if (count == 0 && size > 0) source.overran = true;
  std::memcpy(to, source.next, count);
  source.next += count;
  source.left -= count;
  return static_cast<int>(count);
}

void source_skip(void* user, int size) {
  auto& source = *static_cast<Source*>(user);
  const size_t count = std::min(source.left, static_cast<size_t>(std::max(size, 0)));
  source.next += count;
  source.left -= count;
}

int source_at_end(void* user) { return static_cast<Source*>(user)->left == 0; }

constexpr stbi_io_callbacks kCallbacks = {source_read, source_skip, source_at_end};

}  // namespace

void decode_by_stb(const std::string& path, const std::vector<uint8_t>& bytes, size_t width,
                   size_t height, int orientation, RowSink& sink) {
  if (width > kMaxStbSide || height > kMaxStbSide || width > kMaxStbPixels / height)
    throw InputError(path,
                     "has " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels, more than 100 million or 16384 a side",
                     "make the picture smaller");
  const Region region = sink.begin(width, height, orientation);
  // A sample has two bytes at most, a pixel four samples, and a side is rounded up to blocks; the
  // file's own bytes are gathered by doubling.
  constexpr size_t kBlocks = 64, kOthers = size_t{64} << 10;
  limit_stb_allocations(8 * (width + kBlocks) * (height + kBlocks) + 2 * bytes.size() + kOthers);
  Source source{bytes.data(), bytes.size()};
  int seen_width = 0, seen_height = 0, channels = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_callbacks(&kCallbacks, &source, &seen_width, &seen_height, &channels, 3),
      stbi_image_free);
  if (!pixels && stb_was_refused_memory()) throw std::bad_alloc();
  if (source.overran) throw InputError(path, "is cut short", "copy the file again");
  if (!pixels || seen_width != static_cast<int>(width) || seen_height != static_cast<int>(height)) {
    const char* reason = pixels ? nullptr : stbi_failure_reason();
    throw InputError(
        path,
        std::string("cannot be decoded (") + (reason ? reason : "it contradicts itself") + ")",
        "give a sound JPEG, PNG or BMP picture");
  }
  for (size_t y = region.first_row; y < region.end_row; ++y)
    sink.row(y, pixels.get() + y * width * 3);
}

}  // namespace vitro::host::pictures
