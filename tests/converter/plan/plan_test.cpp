// SPDX-License-Identifier: Apache-2.0
// Memory planning: tensors that are in use do not overlap, and no plan changes what a program
// computes.
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "converter/base/error.h"
#include "converter/base/write_file.h"
#include "converter/convert.h"
#include "converter/plan/plan.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "runtime/core/layout.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

ConvertResult convert_small(uint64_t arena_budget) {
  RandomVit vit;
  vit.dim = 128;
  vit.heads = 2;
  vit.image = 80;  // 101 tokens
  vit.patch = 8;
  const Checkpoint checkpoint = make_checkpoint(vit);
  const Graph graph = vit::build_vit(checkpoint, {2, 1e-6f});
  Pictures pictures(3, std::vector<uint8_t>(80 * 80 * 3));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(i), pictures[i].data(), pictures[i].size());
  ConvertOptions options;
  options.threads = 2;
  options.plan.arena_budget = arena_budget;
  return convert(checkpoint, graph, pictures, options, nullptr);
}

std::vector<float> run(const AlignedBytes& file) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  size_t bytes = 0;
  uint8_t* input = vitro_input(session, &bytes);
  golden_picture(42, input, bytes);
  const float* logits = vitro_run(session);
  return {logits, logits + vitro_class_count(&program)};
}

TEST(Plan, LargerBudgetGivesLargerTilesAndTheSameLogits) {
  const ConvertResult small = convert_small(0), large = convert_small(1 << 20);
  const schema::Program &a = *schema::GetProgram(small.file.data()),
                        &b = *schema::GetProgram(large.file.data());
  uint32_t smallest = UINT32_MAX, largest = 0;
  for (const schema::Step* step : *a.steps())
    smallest = step->rows() > 12 && step->tile_rows() < smallest ? step->tile_rows() : smallest;
  for (const schema::Step* step : *b.steps())
    largest = step->tile_rows() > largest ? step->tile_rows() : largest;
  EXPECT_EQ(smallest, 12u);
  EXPECT_EQ(largest, 48u);
  EXPECT_LE(small.arena_bytes, large.arena_bytes);
  EXPECT_EQ(run(small.file), run(large.file));
}

// A step of one linear layer, k inputs and n outputs, whose program has `constants` bytes.
uint32_t planned_tile(size_t k, size_t n, size_t constants, uint64_t budget = 0) {
  using schema::Format;
  Draft draft;
  const uint32_t src = draft.add_tensor("src", Format::RowS8, schema::Storage::Scratch, 100, k),
                 dst = draft.add_tensor("dst", Format::S16, schema::Storage::Scratch, 100, n);
  draft.program.input = draft.add_tensor("picture", Format::U8, schema::Storage::Arena, 4, 12);
  draft.program.output = draft.add_tensor("out", Format::F32, schema::Storage::Arena, 1, 16);
  draft.program.constants.resize(constants);
  draft.begin_step("step", 100);
  schema::LinearT linear;
  linear.src = src;
  linear.dst = dst;
  draft.add_op("linear", linear, {src}, {dst});
  plan_memory(draft, {budget});
  return draft.program.steps[0]->tile_rows;
}

TEST(Plan, TilesAreLargerByDefaultWhereWeightsDoNotStayInL2) {
  constexpr size_t kLarge = 32 << 20;
  EXPECT_EQ(planned_tile(512, 1024, kLarge), 12u);          // 512 KiB stay
  EXPECT_EQ(planned_tile(512, 1024 + 16, kLarge), 48u);     // 512 KiB and 8 KiB do not
  EXPECT_EQ(planned_tile(512, 1024 + 16, 0), 12u);          // nothing to spend on larger tiles
  EXPECT_EQ(planned_tile(512, 1024 + 16, kLarge, 1), 12u);  // the caller's budget holds
  // A tile of 12 more rows takes 12 * (512 + 8 + 1040 * 2) bytes and some padding, 31,200.
  EXPECT_EQ(planned_tile(512, 1024 + 16, 32 * 31100), 12u);
  EXPECT_EQ(planned_tile(512, 1024 + 16, 32 * 31300), 24u);
}

TEST(Plan, TheLastBlockMakesNoRowsThatNobodyReads) {
  RandomVit one, two, all;
  two.distillation = true;
  all.mean_pooling = true;
  for (const auto& [vit, rows] : {std::pair{one, 1u}, {two, 2u}, {all, 17u}})
    for (const bool static_scales : {false, true}) {
      const Checkpoint checkpoint = make_checkpoint(vit);
      Pictures pictures(3, std::vector<uint8_t>(16 * 16 * 3));
      for (size_t i = 0; i < pictures.size(); ++i)
        golden_picture(static_cast<uint32_t>(i), pictures[i].data(), pictures[i].size());
      ConvertOptions options;
      options.threads = 2;
      options.static_scales = static_scales;
      const ConvertResult result =
          convert(checkpoint, vit::build_vit(checkpoint, {1, 1e-6f}), pictures, options, nullptr);
      EXPECT_GT(result.logit_sqnr_db, 10);
      std::map<std::string, uint32_t> rows_of;
      for (const schema::Step* step : *schema::GetProgram(result.file.data())->steps())
        for (const schema::Op* op : *step->ops()) rows_of[op->name()->c_str()] = step->rows();
      const uint32_t every = two.distillation && rows == 2 ? 18 : 17;
      for (const char* name : {"q", "attention", "proj"}) {
        EXPECT_EQ(rows_of.at(std::string("blocks.0.attn.") + name), every) << name;
        EXPECT_EQ(rows_of.at(std::string("blocks.1.attn.") + name), rows) << name;
      }
      for (const char* name : {"k", "v"})
        EXPECT_EQ(rows_of.at(std::string("blocks.1.attn.") + name), every) << name;
      EXPECT_EQ(rows_of.at("blocks.1.mlp.fc2"), rows);
    }
}

TEST(Plan, QueriesAndKeysBeyondAttentionAreRefusedByName) {
  RandomVit vit;
  Checkpoint checkpoint = make_checkpoint(vit);
  for (auto& [name, tensor] : checkpoint.tensors)
    if (name == "blocks.0.attn.qkv.weight")
      for (float& w : tensor.data) w *= 1e4f;
  const Pictures pictures(1, std::vector<uint8_t>(16 * 16 * 3, 100));
  try {
    convert(checkpoint, vit::build_vit(checkpoint, {1, 1e-6f}), pictures, ConvertOptions(),
            nullptr);
    FAIL() << "converted";
  } catch (const InputError& e) {
    EXPECT_NE(std::string(e.what()).find("too large for attention"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("blocks.0.attn"), std::string::npos) << e.what();
  }
}

TEST(Plan, TensorsAliveTogetherDoNotOverlap) {
  const ConvertResult result = convert_small(0);
  const schema::Program& p = *schema::GetProgram(result.file.data());
  // The tensors in the arena that a step reads or writes must not share bytes, except rows of the
  // same tensor.
  for (const schema::Step* step : *p.steps()) {
    std::vector<const schema::Tensor*> used;
    for (const schema::Op* op : *step->ops()) {
      std::vector<uint32_t> indices;
      if (const auto* linear = op->args_as_Linear()) indices = {linear->src(), linear->dst()};
      if (const auto* attention = op->args_as_Attention())
        indices = {attention->q(), attention->k(), attention->v(), attention->dst()};
      if (const auto* norm = op->args_as_LayerNorm()) indices = {norm->src(), norm->dst()};
      for (const uint32_t i : indices)
        if (p.tensors()->Get(i)->storage() == schema::Storage::Arena)
          used.push_back(p.tensors()->Get(i));
    }
    for (const schema::Tensor* x : used) {
      EXPECT_LE(x->offset() + tensor_bytes(*x), step->scratch_offset());
      for (const schema::Tensor* y : used) {
        const bool apart = x->offset() + tensor_bytes(*x) <= y->offset() ||
                           y->offset() + tensor_bytes(*y) <= x->offset();
        EXPECT_TRUE(x == y || apart ||
                    (x->format() == schema::Format::S16 && y->format() == schema::Format::S16))
            << x->name()->c_str() << " " << y->name()->c_str();
      }
    }
  }
}

// What the first step writes for the caller is there when the last is done, whether it is the first
// output or another, and whether the output is the tensor or rows of it.
TEST(Plan, OutputsOutliveTheStepsBehindThem) {
  using schema::Format;
  using schema::Storage;
  for (const bool first : {false, true})
    for (const bool rows : {false, true}) {
      Draft draft;
      const auto tensor = [&](const char* name) {
        return draft.add_tensor(name, Format::F32, Storage::Arena, 4, 16);
      };
      draft.program.input = draft.add_tensor("picture", Format::U8, Storage::Arena, 4, 12);
      const uint32_t early = tensor("early"), a = tensor("a"), b = tensor("b"), c = tensor("c");
      const uint32_t out = rows ? draft.add_view("rows", early, 1, 2) : early;
      draft.begin_step("first", 4);
      draft.add_op("op", schema::CopyT(), {draft.program.input}, {early, a});
      draft.begin_step("second", 4);
      draft.add_op("op", schema::CopyT(), {a}, {b});
      draft.begin_step("third", 4);
      draft.add_op("op", schema::CopyT(), {b}, {c});
      for (const uint32_t output : {first ? out : c, first ? c : out}) {
        draft.program.outputs.push_back(std::make_unique<schema::OutputT>());
        draft.program.outputs.back()->tensor = output;
      }
      draft.program.output = first ? out : c;
      plan_memory(draft);
      const uint64_t at = draft.tensor(early).offset, bytes = 4 * 16 * sizeof(float);
      for (const uint32_t later : {b, c}) {
        const uint64_t offset = draft.tensor(later).offset;
        EXPECT_TRUE(offset + bytes <= at || at + bytes <= offset) << first << rows;
      }
      EXPECT_EQ(draft.tensor(out).offset, rows ? at + 16 * sizeof(float) : at);
    }
}

TEST(Emit, WritesTheWholeFileOrNothing) {
  const std::string path = testing::TempDir() + "/emit_test.bin";
  write_file(path, "hello", 5);
  write_file(path, "bye", 3);
  std::FILE* file = std::fopen(path.c_str(), "rb");
  ASSERT_NE(file, nullptr);
  char text[8] = {};
  EXPECT_EQ(std::fread(text, 1, sizeof text, file), 3u);
  std::fclose(file);
  EXPECT_STREQ(text, "bye");
  EXPECT_THROW(write_file(testing::TempDir() + "/no/such/folder/x", "hello", 5), std::exception);
}

}  // namespace
}  // namespace vitro
