// SPDX-License-Identifier: Apache-2.0
#include "tests/platforms/firmware/fake_board.h"

#include <cstring>

#include "platforms/firmware/board.h"
#include "platforms/host/inference.h"
#include "runtime/core/golden.h"

namespace vitro {
namespace {

struct Stopped {
  int exit_code;
};

// Thrown when the application waits for a byte that never comes.
struct Idle {};

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
Cores cores() { return {1, nullptr}; }
Memory stack(size_t) { return {fake->stack.data(), fake->stack.size()}; }
void stop(int exit_code) { throw Stopped{exit_code}; }

}  // namespace board

void ApplicationTest::SetUp() { fake = &board_; }

PixelSize ApplicationTest::size() const {
  vitro_program p;
  EXPECT_EQ(vitro_open(program().data(), program().size(), &p), VITRO_OK);
  return {vitro_image_width(&p), vitro_image_height(&p)};
}

PreparedPicture ApplicationTest::picture(uint32_t seed, PixelSize of) const {
  PreparedPicture made{"picture " + std::to_string(seed), Bytes(of.width * of.height * 3)};
  golden_picture(seed, made.pixels.data(), of.height, of.width);
  return made;
}

std::vector<float> ApplicationTest::logits_of(const PreparedPicture& picture) const {
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

std::string ApplicationTest::answer_line(const PreparedPicture& picture) const {
  return "logits_sha256 " + output_sha256(logits_of(picture)) + " " + picture.name + "\n";
}

void ApplicationTest::flash(const Bytes& bytes) {
  board_.flash = AlignedBytes(bytes.size());
  if (!bytes.empty()) std::memcpy(board_.flash.data(), bytes.data(), bytes.size());
}

std::optional<int> ApplicationTest::run() {
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

void ApplicationTest::expect_refused(int code, const std::string& words) {
  EXPECT_EQ(run(), code) << board_.out;
  const size_t line = board_.out.find("error: ");
  ASSERT_NE(line, std::string::npos) << board_.out;
  const std::string sentence = board_.out.substr(line, board_.out.find('\n', line) - line);
  EXPECT_NE(sentence.find(words), std::string::npos) << sentence;
  EXPECT_FALSE(has("picture ")) << board_.out;
}

}  // namespace vitro
