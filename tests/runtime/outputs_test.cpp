// SPDX-License-Identifier: Apache-2.0
// A program's answers: named outputs and their golden digests, also for pictures that are not
// square.
#include <gtest/gtest.h>

#include <random>

#include "runtime/core/golden.h"
#include "tests/runtime/hand_made.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;
using schema::OutputKind;

// The weights of an identity. Applied to bytes that are pixel - 128, it gives the pixels.
std::vector<int8_t> identity(uint32_t size) {
  std::vector<int8_t> weights(size_t{size} * size);
  for (uint32_t i = 0; i < size; ++i) weights[size_t{i} * size + i] = 1;
  return weights;
}

// The pixels of a picture as floats, patch by patch; in a patch, by row, column and channel.
std::vector<float> patches_of(const std::vector<uint8_t>& picture, size_t height, size_t width,
                              size_t patch) {
  std::vector<float> out;
  for (size_t py = 0; py < height; py += patch)
    for (size_t px = 0; px < width; px += patch)
      for (size_t y = py; y < py + patch; ++y)
        for (size_t x = px; x < px + patch; ++x)
          for (size_t c = 0; c < 3; ++c) out.push_back(picture[(y * width + x) * 3 + c]);
  return out;
}

// A program whose output is the pixels of each patch.
HandMade pixels_program(uint32_t height, uint32_t width, uint32_t patch, uint32_t tile_rows) {
  HandMade made(height, width);
  const uint32_t patches = height / patch * (width / patch), cols = patch * patch * 3;
  made.step(patches, tile_rows);
  schema::PatchRowsT rows;
  rows.src = made.program.input, rows.patch = patch;
  rows.dst = made.scratch(Format::RowS8, cols);
  made.op(rows);
  const uint32_t pixels = made.tensor(Format::F32, patches, cols);
  made.linear(rows.dst, pixels, identity(cols), 1);
  made.output("pixels", OutputKind::Features, pixels);
  return made;
}

TEST(Outputs, AnOldProgramHasOneCalledLogits) {
  const vitro_program program = open_program(small_program(Small::plain));
  ASSERT_EQ(vitro_output_count(&program), 1u);
  vitro_output_info info;
  ASSERT_EQ(vitro_output(&program, 0, &info), VITRO_OK);
  EXPECT_STREQ(info.name, "logits");
  EXPECT_EQ(info.kind, VITRO_OUTPUT_LOGITS);
  EXPECT_EQ(info.rows, 1u);
  EXPECT_EQ(info.cols, 10u);
  EXPECT_EQ(vitro_output(&program, 1, &info), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_output(&program, 0, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_image_size(&program), 32u);
  EXPECT_EQ(vitro_image_width(&program), 32u);
  EXPECT_EQ(vitro_image_height(&program), 32u);
}

TEST(Outputs, AProgramThatIsNotOpenHasNone) {
  const vitro_program closed{};
  vitro_output_info info;
  for (const vitro_program* program : {&closed, static_cast<const vitro_program*>(nullptr)}) {
    EXPECT_EQ(vitro_output_count(program), 0u);
    EXPECT_EQ(vitro_output(program, 0, &info), VITRO_BAD_ARGUMENT);
    EXPECT_EQ(vitro_image_width(program), 0u);
    EXPECT_EQ(vitro_image_height(program), 0u);
    EXPECT_EQ(vitro_class_count(program), 0u);
  }
}

TEST(Outputs, OblongPicturesAreCutIntoPatches) {
  for (const auto& [height, width, patch] :
       std::vector<std::tuple<uint32_t, uint32_t, uint32_t>>{{8, 24, 4}, {24, 8, 4}, {6, 2, 2}}) {
    for (const uint32_t tile_rows : {1u, 5u, 64u}) {
      HandMade made = pixels_program(height, width, patch, tile_rows);
      const AlignedBytes file = made.finish();
      const vitro_program program = open_program(file);
      EXPECT_EQ(vitro_image_height(&program), height);
      EXPECT_EQ(vitro_image_width(&program), width);
      EXPECT_EQ(vitro_image_size(&program), 0u);
      EXPECT_EQ(vitro_class_count(&program), 0u);
      std::vector<uint8_t> picture(size_t{height} * width * 3);
      golden_picture(9, picture.data(), height, width);
      const std::vector<float> expected = patches_of(picture, height, width, patch);
      RunOptions options;
      options.picture = 9;
      for (size_t i = 0; vitro_isa_name(i); ++i) {
        options.isa = vitro_isa_name(i);
        const RunResult result = run_program(program, options);
        ASSERT_EQ(result.fault, "");
        ASSERT_EQ(result.logits.size(), expected.size() * sizeof(float));
        EXPECT_EQ(std::memcmp(result.logits.data(), expected.data(), result.logits.size()), 0)
            << height << "x" << width << " on " << options.isa;
      }
    }
  }
}

// A program with two outputs: three logits from constant rows, then the pixels.
HandMade two_outputs() {
  HandMade made = pixels_program(8, 16, 4, 3);
  std::vector<int16_t> values(64);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int16_t>(i * 37 % 101);
  const uint32_t x = made.rows(values, 64);
  made.step(1, 1);
  schema::QuantiseRowsT quantise;
  quantise.src = x, quantise.dst = made.scratch(Format::RowS8, 64), quantise.unit = 0.25f;
  made.op(quantise);
  const uint32_t logits = made.tensor(Format::F32, 1, 3);
  std::vector<int8_t> weights(3 * 64);
  for (size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<int8_t>(i % 7 * 5 - 15);
  made.linear(quantise.dst, logits, weights, 0.125f);
  made.output("logits", OutputKind::Logits, logits);
  std::swap(made.program.outputs[0], made.program.outputs[1]);
  made.program.output = logits;
  made.program.labels = {"a", "b", "c"};
  return made;
}

TEST(Outputs, TwoAreFoundByTheirNames) {
  HandMade made = two_outputs();
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);
  ASSERT_EQ(vitro_output_count(&program), 2u);
  vitro_output_info info;
  ASSERT_EQ(vitro_output(&program, 1, &info), VITRO_OK);
  EXPECT_STREQ(info.name, "pixels");
  EXPECT_EQ(info.kind, VITRO_OUTPUT_FEATURES);
  EXPECT_EQ(info.rows, 8u);
  EXPECT_EQ(info.cols, 48u);
  EXPECT_EQ(vitro_class_count(&program), 3u);
  EXPECT_STREQ(vitro_label(&program, 2), "c");

  GuardedMemory arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  golden_picture(3, vitro_input(session, nullptr), 8, 16);
  std::vector<uint8_t> picture(vitro_input(session, nullptr),
                               vitro_input(session, nullptr) + 8 * 16 * 3);
  const float* logits = vitro_run(session);
  EXPECT_EQ(logits, vitro_output_values(session, 0));
  const std::vector<float> expected = patches_of(picture, 8, 16, 4);
  EXPECT_EQ(
      std::vector<float>(vitro_output_values(session, 1), vitro_output_values(session, 1) + 8 * 48),
      expected);
  EXPECT_EQ(vitro_output_values(session, 2), nullptr);
}

vitro_status self_test(const AlignedBytes& file) {
  const vitro_program program = open_program(file);
  GuardedMemory arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  return vitro_self_test(session);
}

TEST(Outputs, TheSelfTestComparesEach) {
  HandMade made = two_outputs();
  made.program.golden.clear();
  // The verifier requires a digest for each golden vector, so a program without vectors needs none.
  add_golden(made, 1);
  add_golden(made, 2);
  EXPECT_EQ(self_test(made.finish()), VITRO_OK);
  for (size_t golden = 0; golden < 2; ++golden) {
    made.program.golden[golden]->digests[0] ^= uint64_t{1} << 63;
    EXPECT_EQ(self_test(made.finish()), VITRO_GOLDEN_MISMATCH) << "digest";
    made.program.golden[golden]->digests[0] ^= uint64_t{1} << 63;
    float& last = made.program.golden[golden]->logits.back();
    last = -last;
    EXPECT_EQ(self_test(made.finish()), VITRO_GOLDEN_MISMATCH) << "logits";
    last = -last;
  }
}

TEST(Golden, DigestsAreFnv1a) {
  // From the authors' test vectors.
  EXPECT_EQ(output_digest("", 0), 0xcbf29ce484222325u);
  EXPECT_EQ(output_digest("a", 1), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(output_digest("foobar", 6), 0x85944171f73967e8u);
}

TEST(Golden, PicturesOfAnySides) {
  std::vector<uint8_t> square(40 * 40 * 3), wide(9 * 40 * 3), high(40 * 33 * 3);
  golden_picture(7, square.data(), square.size());
  // The picture with which files of format version 2 are tested.
  EXPECT_EQ(output_digest(square.data(), square.size()), 0xb9817bcf754bd5d1u);
  golden_picture(7, wide.data(), 9, 40);
  EXPECT_TRUE(std::equal(wide.begin(), wide.end(), square.begin()));
  // With another width the noise is at other places, and the colours are the same.
  golden_picture(7, high.data(), 40, 33);
  for (size_t y = 0; y < 40; ++y)
    for (size_t i = 0; i < 33 * 3; ++i)
      ASSERT_LE(std::abs(high[y * 33 * 3 + i] - square[y * 40 * 3 + i]), 31) << y << ", " << i;
}

}  // namespace
}  // namespace vitro
