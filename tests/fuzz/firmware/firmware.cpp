// SPDX-License-Identifier: Apache-2.0
// Inputs of the firmware: a flash image with a program, signed or not, and pictures; and frames
// over the serial console. The first byte says which: 'f' frames; 'c' an image whose header gets
// the right checksum; else an image.
#include <cstring>
#include <vector>

#include "platforms/firmware/board.h"
#include "platforms/firmware/crc32.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/firmware/picture_frame.h"
#include "platforms/firmware/signature.h"
#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

const uint8_t *next_byte = nullptr, *last_byte = nullptr;
unsigned silences = 0;
struct LineIsDead {};

void receive(const uint8_t* data, size_t size) {
  next_byte = data, last_byte = data + size, silences = 0;
  std::vector<uint8_t> pixels(size > 0 ? 1 + data[0] % 48 * size_t{3} : 1);
  try {
    for (Received got = Received::refused; got != Received::end;) {
      Frame frame;
      got = receive_picture(pixels.data(), pixels.size(), frame);
      require((got == Received::refused) == (frame.fault != nullptr), "a refusal without a fault");
      require(std::memchr(frame.name, 0, sizeof frame.name) != nullptr, "a name without an end");
    }
  } catch (const LineIsDead&) {
  }
}

void open_image(std::vector<uint8_t> memory, bool mended) {
  if (mended && memory.size() >= kFlashBlock) {
    const uint32_t crc = crc32(0, memory.data(), kFlashHeaderCrcAt);
    std::memcpy(memory.data() + kFlashHeaderCrcAt, &crc, sizeof crc);
  }
  FlashImage image;
  if (open_flash_image(memory.data(), memory.size(), image) != FlashStatus::sound) {
    require(image.fault != nullptr, "an image that is refused without a fault");
    return;
  }
  const uint8_t* const end = memory.data() + memory.size();
  const size_t bytes = size_t{image.picture_width} * image.picture_height * 3;
  uint32_t crc = 0;
  for (uint32_t i = 0; i < image.picture_count; ++i) {
    const FlashPicture picture = flash_picture(image, i);
    require(std::memchr(picture.name, 0, sizeof picture.name) != nullptr, "a name without an end");
    require(picture.pixels >= memory.data() && bytes <= static_cast<size_t>(end - picture.pixels),
            "a picture outside its image");
    crc = crc32(crc, picture.pixels, bytes);
  }
  if (image.program_bytes == 0) return;
  require(image.program >= memory.data() &&
              image.program_bytes <= static_cast<size_t>(end - image.program),
          "a program outside its image");
  Effort effort;
  effort.work = 1e5;
  vitro_signed_program accepted;
  if (accept_program(image.program, image.program_bytes, accepted) != VITRO_OK)
    return require(accepted.size == 0, "a refused program has a size");
  require(accepted.size <= image.program_bytes, "a program behind its end");
  check_program(image.program, accepted.size, effort);
}

}  // namespace

}  // namespace vitro::fuzz

namespace vitro::board {

int read(uint32_t) {
  using namespace fuzz;
  if (next_byte != last_byte) return *next_byte++;
  if (++silences > 3) throw LineIsDead{};
  return -1;
}

}  // namespace vitro::board

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  using namespace vitro::fuzz;
  if (size == 0) return 0;
  if (data[0] == 'f')
    receive(data + 1, size - 1);
  else
    open_image({data + 1, data + size}, data[0] == 'c');
  return 0;
}
