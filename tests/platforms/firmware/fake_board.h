// SPDX-License-Identifier: Apache-2.0
// Runs the firmware's application on a fake board, whose console is strings. Gives what it prints
// and its exit code.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "converter/base/aligned_bytes.h"
#include "platforms/firmware/application.h"
#include "platforms/firmware/flash_image.h"
#include "platforms/host/flash_writer.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace host;

using Bytes = std::vector<uint8_t>;

struct FakeBoard {
  AlignedBytes flash{0}, arena{1 << 20};
  size_t arena_offset = 0, arena_bytes = 1 << 20;
  std::deque<int> incoming;  // -1: no byte comes while the application waits
  std::string out;
  Bytes stack = Bytes(4096);
  uint64_t ticks = 0;
};
class ApplicationTest : public testing::Test {
 protected:
  void SetUp() override;

  const AlignedBytes& program() const { return small_program(Small::plain); }
  PixelSize size() const;
  PreparedPicture picture(uint32_t seed, PixelSize of) const;
  PreparedPicture picture(uint32_t seed) const { return picture(seed, size()); }

  std::vector<float> logits_of(const PreparedPicture& picture) const;
  std::string answer_line(const PreparedPicture& picture) const;

  void flash(const Bytes& bytes);
  Bytes image(const std::vector<PreparedPicture>& pictures = {}, bool stop = true) const {
    return make_flash_image(program().data(), program().size(), size(), pictures, stop);
  }
  void send(const Bytes& bytes) {
    board_.incoming.insert(board_.incoming.end(), bytes.begin(), bytes.end());
  }

  /// Runs the application. Returns its exit code, or nothing when it waits for a byte for ever.
  std::optional<int> run();
  bool has(const std::string& text) const { return board_.out.find(text) != std::string::npos; }
  /// Expects a refusal with this exit code and one line that contains these words.
  void expect_refused(int code, const std::string& words);

  FakeBoard board_;
};

}  // namespace vitro
