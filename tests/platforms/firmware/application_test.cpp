// SPDX-License-Identifier: Apache-2.0
// The answers of the firmware's application to sound and to hostile flash images.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <optional>
#include <random>
#include <string>

#include "converter/emit/seal.h"
#include "platforms/firmware/crc32.h"
#include "platforms/host/inference.h"
#include "runtime/core/golden.h"
#include "runtime/program/trailer.h"
#include "tests/platforms/firmware/fake_board.h"
#include "vitro/vitro_signed.h"

namespace vitro {

using namespace converter;

namespace {

// Changes a field of the header, and corrects the header's checksum.
Bytes with_header(Bytes image, uint32_t at, uint32_t value) {
  for (uint32_t i = 0; i < 4; ++i) image[at + i] = static_cast<uint8_t>(value >> (8 * i));
  const uint32_t crc = crc32(0, image.data(), kFlashHeaderCrcAt);
  for (uint32_t i = 0; i < 4; ++i)
    image[kFlashHeaderCrcAt + i] = static_cast<uint8_t>(crc >> (8 * i));
  return image;
}

TEST(Crc32, KnownAnswers) {
  EXPECT_EQ(crc32(0, "", 0), 0u);
  EXPECT_EQ(crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(crc32(crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

TEST_F(ApplicationTest, PicturesOfTheFlashImage) {
  const std::vector<PreparedPicture> pictures = {picture(3), picture(4)};
  flash(image(pictures));
  EXPECT_EQ(run(), kDone) << board_.out;
  for (const PreparedPicture& p : pictures) EXPECT_TRUE(has(answer_line(p))) << board_.out;
  for (const char* line :
       {("vitro " VITRO_VERSION_STRING " on a test\n"), "golden ok 2\n", "kernels ", "pictures 2\n",
        "pictures_refused 0\n", "stack_bytes 0 of 4096\n", " milliseconds 12.345\n"})
    EXPECT_TRUE(has(line)) << line << board_.out;
  EXPECT_FALSE(has("ready"));
}

TEST_F(ApplicationTest, Probabilities) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const PreparedPicture p = picture(seed);
    flash(image({p}));
    EXPECT_EQ(run(), kDone);
    const std::vector<float> logits = logits_of(p);
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
    std::string expected;
    size_t rank = 0;
    for (const size_t index : top_indices(logits, 3)) {
      const std::string start = "top " + std::to_string(++rank) + " ";
      const size_t at = board_.out.find(start);
      ASSERT_NE(at, std::string::npos);
      EXPECT_NEAR(std::stod(board_.out.substr(at + start.size())),
                  std::exp(static_cast<double>(logits[index])) / sum * 100, 0.0051)
          << board_.out;
      vitro_program opened;
      vitro_open(program().data(), program().size(), &opened);
      EXPECT_TRUE(has(std::string(" % ") + vitro_label(&opened, index) + "\n")) << board_.out;
    }
  }
}

TEST_F(ApplicationTest, OutputsThatAreNoLogits) {
  schema::ProgramT other = unpack(program());
  for (const char* name : {"first", "second"}) {
    auto output = std::make_unique<schema::OutputT>();
    output->name = name, output->kind = schema::OutputKind::Features, output->tensor = other.output;
    other.outputs.push_back(std::move(output));
  }
  other.labels.clear();
  for (auto& golden : other.golden)
    golden->digests = {output_digest(golden->logits.data(), golden->logits.size() * sizeof(float))};
  const AlignedBytes packed = pack(other);
  const PreparedPicture p = picture(3);
  flash(make_flash_image(packed.data(), packed.size(), size(), {p}, true));
  EXPECT_EQ(run(), kDone) << board_.out;
  const std::string hash = output_sha256(logits_of(p));
  for (const std::string line : {"classes 0\n", "outputs 2\n", "golden ok 2\n"})
    EXPECT_TRUE(has(line)) << line << board_.out;
  for (const char* name : {"first", "second"})
    EXPECT_TRUE(has("output_sha256 " + hash + " " + name + " " + p.name + "\n")) << board_.out;
  EXPECT_FALSE(has("top ") || has("logits_sha256")) << board_.out;
}

TEST_F(ApplicationTest, NoFlashImage) {
  for (const Bytes& bytes : {Bytes(), Bytes(63, 0), Bytes(4096, 0), Bytes(4096, 0xff),
                             Bytes(program().data(), program().data() + program().size())}) {
    flash(bytes);
    expect_refused(kNoFlashImage, "no flash image");
  }
}

TEST_F(ApplicationTest, DamagedHeaders) {
  const Bytes sound = image({picture(1)});
  for (size_t at = 0; at < kFlashBlock; ++at) {
    Bytes other = sound;
    other[at] ^= 0x10;
    flash(other);
    expect_refused(at < 4 ? kNoFlashImage : kFlashImageDamaged,
                   at < 4 ? "no flash image" : "header is damaged");
  }
  flash(Bytes(sound.begin(), sound.end() - 1));
  expect_refused(kFlashImageDamaged, "larger than the memory");
  flash(Bytes(sound.begin(), sound.begin() + kFlashBlock));
  expect_refused(kFlashImageDamaged, "larger than the memory");
  flash(with_header(sound, kFlashVersionAt, 2));
  expect_refused(kFlashImageDamaged, "newer version");
  flash(with_header(sound, kFlashFlagsAt, 2));
  expect_refused(kFlashImageDamaged, "newer version");
  for (const uint32_t value : {0u, 1u, 64u, 0x7fffffffu, 0x80000000u, 0xffffffc0u, 0xffffffffu})
    for (const uint32_t at :
         {kFlashTotalBytesAt, kFlashProgramBytesAt, kFlashPictureCountAt, kFlashPictureSideAt}) {
      if (load_le32(sound.data() + at) == value) continue;
      flash(with_header(sound, at, value));
      expect_refused(kFlashImageDamaged, "sizes contradict");
    }
}

TEST_F(ApplicationTest, ProgramsThatAreRefused) {
  for (const size_t bytes : {size_t{0}, size_t{1}, size_t{63}, size_t{1000}, program().size() - 64,
                             program().size() - 1}) {
    flash(make_flash_image(program().data(), bytes, {}, {}, true));
    expect_refused(kProgramRefused,
                   bytes < 64 ? "not a vitro program" : "the program is damaged: ");
  }
  schema::ProgramT newer = unpack(program());
  newer.version = 3;
  const AlignedBytes packed = pack(newer);
  flash(make_flash_image(packed.data(), packed.size(), {}, {}, true));
  expect_refused(kProgramRefused, "newer runtime: another version");
}

TEST_F(ApplicationTest, Digests) {
  schema::ProgramT before = unpack(program());
  before.digest.reset();
  before.provenance->digest = false;
  AlignedBytes file = pack(before);
  flash(make_flash_image(file.data(), file.size(), size(), {}, true));
  EXPECT_EQ(run(), kDone) << board_.out;
  EXPECT_TRUE(has("digest none: ")) << board_.out;

  add_digest(before);
  file = pack(before);
  seal(file.data(), file.size());
  flash(make_flash_image(file.data(), file.size(), size(), {}, true));
  EXPECT_EQ(run(), kDone) << board_.out;
  EXPECT_TRUE(has("digest ok ticks ")) << board_.out;

  const auto& label = *schema::GetProgram(file.data())->labels()->Get(0);
  file.data()[label.Data() - file.data()] ^= 1;
  flash(make_flash_image(file.data(), file.size(), size(), {}, true));
  expect_refused(kProgramRefused, "digest does not match");
}

// For firmware that requires no signature, the trailer is not part of the program.
TEST_F(ApplicationTest, ProgramsWithATrailer) {
  Bytes file(program().data(), program().data() + program().size());
  const size_t size_at = file.size() + kTrailerSizeAt;
  file.resize(file.size() + VITRO_TRAILER_BYTES);
  std::memcpy(file.data() + program().size(), kTrailerMagic, sizeof kTrailerMagic);
  file[program().size() + kTrailerVersionAt] = kTrailerVersion;
  file[program().size() + kTrailerCounterAt] = 9;
  for (int i = 0; i < 4; ++i) file[size_at + i] = static_cast<uint8_t>(program().size() >> (8 * i));
  flash(make_flash_image(file.data(), file.size(), size(), {}, true));
  EXPECT_EQ(run(), kDone) << board_.out;
  EXPECT_TRUE(has("signature not verified counter 9 ticks ")) << board_.out;
  file[program().size() + kTrailerVersionAt] = 2;
  flash(make_flash_image(file.data(), file.size(), size(), {}, true));
  expect_refused(kSignatureRefused, "newer runtime");
  EXPECT_FALSE(has("verified ticks"));
}

TEST_F(ApplicationTest, GoldenVectors) {
  schema::ProgramT other = unpack(program());
  other.golden[1]->logits[0] += 1;
  AlignedBytes packed = pack(other);
  flash(make_flash_image(packed.data(), packed.size(), {}, {}, true));
  expect_refused(kGoldenMismatch, "golden vectors do not match");
  other.golden.clear();
  packed = pack(other);
  flash(make_flash_image(packed.data(), packed.size(), {}, {}, true));
  EXPECT_EQ(run(), kDone);
  EXPECT_TRUE(has("golden none"));
}

TEST_F(ApplicationTest, FlippedBytes) {
  std::mt19937 random(1);
  const Bytes sound = image();
  for (int i = 0; i < 300; ++i) {
    Bytes other = sound;
    for (int flips = 0; flips < 3; ++flips)
      other[kFlashBlock + random() % (sound.size() - kFlashBlock)] ^=
          static_cast<uint8_t>(1 + random() % 255);
    flash(other);
    const std::optional<int> code = run();
    EXPECT_EQ(code, kProgramRefused) << board_.out;
  }
}

TEST_F(ApplicationTest, Arenas) {
  flash(image({picture(1)}));
  vitro_program p;
  vitro_open(program().data(), program().size(), &p);
  board_.arena_bytes = vitro_arena_bytes(&p, 1);
  EXPECT_EQ(run(), kDone);
  board_.arena_bytes -= 1;
  expect_refused(kArenaTooSmall, "arena is smaller");
  board_.arena_bytes = 0;
  expect_refused(kArenaTooSmall, "arena is smaller");
  board_.arena_bytes = 1 << 19;
  board_.arena_offset = 16;
  expect_refused(kArenaMisaligned, "multiple of 64");
}

TEST_F(ApplicationTest, DamagedPictures) {
  const std::vector<PreparedPicture> pictures = {picture(1), picture(2), picture(3)};
  Bytes other = image(pictures);
  other[kFlashBlock + flash_padded(program().size()) +
        flash_record_bytes(size().width, size().height) + kFlashBlock + 5] ^= 1;
  flash(other);
  EXPECT_EQ(run(), kPictureRefused);
  EXPECT_TRUE(has("refused: picture 2: the checksum is wrong")) << board_.out;
  EXPECT_TRUE(has(answer_line(pictures[0])) && has(answer_line(pictures[2]))) << board_.out;
  EXPECT_TRUE(has("pictures 2\npictures_refused 1\n")) << board_.out;

  const PixelSize own = size();  // one of the other sizes has the same number of bytes
  for (const PixelSize other_size : {PixelSize{own.width + 1, own.height + 1},
                                     {own.width / 2, own.height * 2},
                                     {own.width, own.height + 1}}) {
    flash(make_flash_image(program().data(), program().size(), other_size, {picture(1, other_size)},
                           true));
    EXPECT_EQ(run(), kPictureRefused);
    EXPECT_TRUE(has("refused: picture 1: not of the program's picture size")) << board_.out;
  }
}

TEST_F(ApplicationTest, NamesAreShownAsText) {
  PreparedPicture odd = picture(1);
  odd.name = std::string("a\x1b[2J\n") + std::string(40, 'n');  // longer than a frame's name
  flash(image({odd}));
  EXPECT_EQ(run(), kDone);
  EXPECT_TRUE(has("picture a?[2J?" + std::string(26, 'n') + "\n")) << board_.out;
}

}  // namespace
}  // namespace vitro
