// SPDX-License-Identifier: Apache-2.0
// The firmware's application on a board made of strings: what it prints and its exit code, for
// sound and for hostile flash images and picture frames.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <deque>
#include <optional>
#include <random>

#include "converter/emit/seal.h"
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/crc32.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/host/flash_writer.h"
#include "platforms/host/inference.h"
#include "runtime/core/golden.h"
#include "runtime/program/trailer.h"
#include "tests/support/small_program.h"
#include "vitro/vitro_signed.h"

namespace vitro {

using namespace converter;
using namespace host;

namespace {

using Bytes = std::vector<uint8_t>;

struct Stopped {
  int exit_code;
};

// Waits for a byte that never comes.
struct Idle {};

struct FakeBoard {
  AlignedBytes flash{0}, arena{1 << 20};
  size_t arena_offset = 0, arena_bytes = 1 << 20;
  std::deque<int> incoming;  // -1: nothing for as long as the application waits
  std::string out;
  Bytes stack = Bytes(4096);
  uint64_t ticks = 0;
};
FakeBoard* fake;

}  // namespace

namespace board {

const char* name() { return "a test"; }
void write(const char* text, size_t length) { fake->out.append(text, length); }
int read(uint32_t) {
  if (fake->incoming.empty()) throw Idle();
  const int byte = fake->incoming.front();
  fake->incoming.pop_front();
  return byte;
}
uint64_t ticks() { return fake->ticks += 12345; }
uint64_t ticks_per_second() { return 1000000; }
Memory arena() { return {fake->arena.data() + fake->arena_offset, fake->arena_bytes}; }
Flash flash() { return {fake->flash.data(), fake->flash.size()}; }
Memory stack() { return {fake->stack.data(), fake->stack.size()}; }
void stop(int exit_code) { throw Stopped{exit_code}; }

}  // namespace board

namespace {

class ApplicationTest : public testing::Test {
 protected:
  void SetUp() override { fake = &board_; }

  const AlignedBytes& program() const { return small_program(Small::plain); }
  PixelSize size() const {
    vitro_program p;
    EXPECT_EQ(vitro_open(program().data(), program().size(), &p), VITRO_OK);
    return {vitro_image_width(&p), vitro_image_height(&p)};
  }
  PreparedPicture picture(uint32_t seed, PixelSize of) const {
    PreparedPicture made{"picture " + std::to_string(seed), Bytes(of.width * of.height * 3)};
    golden_picture(seed, made.pixels.data(), of.height, of.width);
    return made;
  }
  PreparedPicture picture(uint32_t seed) const { return picture(seed, size()); }

  std::vector<float> logits_of(const PreparedPicture& picture) const {
    vitro_program p;
    vitro_open(program().data(), program().size(), &p);
    AlignedBytes arena(vitro_arena_bytes(&p, 1));
    vitro_config config{};
    config.isa = "reference";
    vitro_session* session = nullptr;
    EXPECT_EQ(vitro_bind(&p, &config, arena.data(), arena.size(), &session), VITRO_OK);
    std::memcpy(vitro_input(session, nullptr), picture.pixels.data(), picture.pixels.size());
    const float* logits = vitro_run(session);
    return {logits, logits + vitro_class_count(&p)};
  }
  std::string answer_line(const PreparedPicture& picture) const {
    return "logits_sha256 " + output_sha256(logits_of(picture)) + " " + picture.name + "\n";
  }

  void flash(const Bytes& bytes) {
    board_.flash = AlignedBytes(bytes.size());
    if (!bytes.empty()) std::memcpy(board_.flash.data(), bytes.data(), bytes.size());
  }
  Bytes image(const std::vector<PreparedPicture>& pictures = {}, bool stop = true) const {
    return make_flash_image(program().data(), program().size(), size(), pictures, stop);
  }
  void send(const Bytes& bytes) {
    board_.incoming.insert(board_.incoming.end(), bytes.begin(), bytes.end());
  }

  // The exit code; nothing when the application waits for a byte for ever.
  std::optional<int> run() {
    board_.out.clear();
    try {
      run_application();
    } catch (const Stopped& stopped) {
      EXPECT_TRUE(has("exit_code " + std::to_string(stopped.exit_code) + "\n")) << board_.out;
      return stopped.exit_code;
    } catch (const Idle&) {
      return std::nullopt;
    }
  }
  bool has(const std::string& text) const { return board_.out.find(text) != std::string::npos; }
  // Refused with this code and one line that has these words.
  void expect_refused(int code, const std::string& words) {
    EXPECT_EQ(run(), code) << board_.out;
    const size_t line = board_.out.find("error: ");
    ASSERT_NE(line, std::string::npos) << board_.out;
    const std::string sentence = board_.out.substr(line, board_.out.find('\n', line) - line);
    EXPECT_NE(sentence.find(words), std::string::npos) << sentence;
    EXPECT_FALSE(has("picture ")) << board_.out;
  }

  FakeBoard board_;
};

// What a changed header means once its checksum is right again.
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
       {"vitro " VITRO_VERSION_STRING " on a test\n", "golden ok 2\n", "kernels ", "pictures 2\n",
        "pictures_refused 0\n", "stack_bytes 0 of 4096\n", " milliseconds 12.345\n"})
    EXPECT_TRUE(has(line)) << line << board_.out;
  EXPECT_FALSE(has("ready"));
}

TEST_F(ApplicationTest, Probabilities) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    const PreparedPicture p = picture(seed);
    flash(image({p}));
    EXPECT_EQ(run(), kDone);
    const std::vector<float> logits = logits_of(p), probabilities = softmax(logits);
    std::string expected;
    size_t rank = 0;
    for (const size_t index : top_indices(logits, 3)) {
      const std::string start = "top " + std::to_string(++rank) + " ";
      const size_t at = board_.out.find(start);
      ASSERT_NE(at, std::string::npos);
      EXPECT_NEAR(std::stof(board_.out.substr(at + start.size())), probabilities[index] * 100,
                  0.0051)
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

// By firmware that demands no signature: a trailer is not part of the program.
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
    EXPECT_TRUE(code == kDone || code == kProgramRefused || code == kGoldenMismatch ||
                code == kArenaTooSmall)
        << *code << board_.out;
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

  const PixelSize own = size();  // of other pictures, some have as many bytes
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
  odd.name = std::string("a\x1b[2J\n") + std::string(40, 'n');  // longer than is kept
  flash(image({odd}));
  EXPECT_EQ(run(), kDone);
  EXPECT_TRUE(has("picture a?[2J?" + std::string(26, 'n') + "\n")) << board_.out;
}

TEST_F(ApplicationTest, ReceivedPictures) {
  flash(image({}, false));
  const PreparedPicture first = picture(8), second = picture(9);
  send({'n', 'o', 'i', 's', 'e', 'V', 'T', 'V'});  // the second V may begin "VTPI"
  Bytes frame = make_frame(first);
  send(frame);
  send({0, 0, 'V'});
  send(make_frame(second));
  EXPECT_EQ(run(), std::nullopt) << "must listen on";
  EXPECT_TRUE(has(answer_line(first)) && has(answer_line(second))) << board_.out;
  EXPECT_EQ(board_.out.substr(board_.out.rfind("ready ")),
            "ready " + std::to_string(size().width * size().height * 3) + "\n");

  send(make_frame(first));
  send(make_end_frame());
  EXPECT_EQ(run(), kDone);
  EXPECT_TRUE(has("pictures 1\npictures_refused 0\n")) << board_.out;
}

TEST_F(ApplicationTest, RefusedFrames) {
  flash(image({}, false));
  const PreparedPicture good = picture(8);
  const Bytes frame = make_frame(good);
  const auto expect = [&](const char* sentence) {
    send(make_frame(good));  // the session goes on
    send(make_end_frame());
    EXPECT_EQ(run(), kPictureRefused);
    EXPECT_TRUE(has(std::string(sentence) + "\n")) << board_.out;
    EXPECT_TRUE(has(answer_line(good))) << board_.out;
    EXPECT_TRUE(has("pictures 1\npictures_refused 1\n")) << board_.out;
    EXPECT_TRUE(board_.incoming.empty());
  };
  for (const size_t changed :
       {size_t{8}, size_t{44}, frame.size() - 5, frame.size() - 1}) {  // name, pixels, checksum
    Bytes other = frame;
    other[changed] ^= 1;
    send(other);
    expect("the checksum is wrong: bytes were lost or changed on the way");
  }
  for (const size_t side : {size_t{1}, size().width - 1, size().width + 1, size_t{400}}) {
    send(make_frame(picture(1, {side, side})));
    expect("not of the program's picture size");
  }
  for (const size_t bytes :
       {size_t{4}, size_t{7}, size_t{20}, size_t{40}, size_t{1000}, frame.size() - 1}) {
    send(Bytes(frame.begin(), frame.begin() + static_cast<ptrdiff_t>(bytes)));
    send({});
    board_.incoming.push_back(-1);
    expect("cut short: nothing came for 2 seconds");
  }
  const Bytes large = make_frame(picture(1, {200, 200}));
  send(Bytes(large.begin(), large.begin() + 1000));
  board_.incoming.push_back(-1);
  expect("not of the program's picture size, and cut short");
  send({'V', 'T', 'P', 'I', 0xff, 0xff, 0xff, 0xff});  // nobody reads 4 GiB
  send(Bytes(32, 'x'));
  expect("not of the program's picture size, and cut short");
}

TEST_F(ApplicationTest, RandomFrames) {
  std::mt19937 random(2);
  flash(image({}, false));
  for (int i = 0; i < 100; ++i) {
    Bytes bytes = make_frame(picture(8));
    for (int flips = 0; flips < 5; ++flips)
      bytes[random() % bytes.size()] = static_cast<uint8_t>(random());
    for (int gaps = 0; gaps < 2; ++gaps) {
      send(Bytes(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(random() % bytes.size())));
      if (random() % 2) board_.incoming.push_back(-1);
    }
  }
  EXPECT_EQ(run(), std::nullopt);
}

}  // namespace
}  // namespace vitro
