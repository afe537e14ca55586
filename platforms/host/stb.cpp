// The one translation unit that implements stb_image; hardened, because photos come from anywhere.
#include <cstdlib>

namespace {

// The largest honest request is 100 megapixels of 16-bit RGBA; without a bound a PNG of some hundred bytes inflates to 4 GiB.
constexpr size_t kAllocationLimit = size_t{800} << 20;

// Zeroed, so that pixels that a corrupt file leaves unwritten are the same in every run.
void* bounded_alloc(size_t bytes) { return bytes > kAllocationLimit ? nullptr : std::calloc(bytes, 1); }

void* bounded_realloc(void* old, size_t bytes) { return bytes > kAllocationLimit ? nullptr : std::realloc(old, bytes); }

}  // namespace

#define STBI_MALLOC(bytes) bounded_alloc(bytes)
#define STBI_REALLOC(old, bytes) bounded_realloc(old, bytes)
#define STBI_FREE(memory) std::free(memory)

#define STBI_ONLY_JPEG
#define STBI_ONLY_PNG
#define STBI_ONLY_BMP
#define STBI_NO_STDIO
#define STBI_NO_SIMD  // the vector IDCT and upsampling are not required to round as the scalar ones do
#define STBI_MAX_DIMENSIONS 16384
#define STBI_FAILURE_USERMSG
#define STB_IMAGE_IMPLEMENTATION

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wcast-qual"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wuseless-cast"
#pragma GCC diagnostic ignored "-Wduplicated-branches"
#pragma GCC diagnostic ignored "-Wshadow"
#endif
#include <stb/stb_image.h>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
