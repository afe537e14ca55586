// SPDX-License-Identifier: Apache-2.0
// Programs of format version 2 that were written once and never change. They must open, and give
// the same bits, for ever.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "runtime/core/golden.h"
#include "runtime/digest/sha256.h"
#include "runtime/schema/program_generated.h"
#include "vitro/vitro.h"

namespace vitro {
namespace {

const char* const kFrozen[] = {"distilled",      "mixing",
                               "no_class_token", "no_class_token_static",
                               "odd_widths",     "odd_widths_static",
                               "parts",          "plain",
                               "pooled",         "registers",
                               "rotary",         "sealed",
                               "static",         "windows"};

std::string read(const std::string& name) {
  std::ifstream file(std::string(VITRO_FROZEN_PROGRAMS) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string sha256(const void* bytes, size_t size) {
  Sha256 sha;
  sha.update(bytes, size);
  char text[65];
  sha.hex(text);
  return text;
}

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using Memory = std::unique_ptr<void, Free>;

Memory aligned(size_t bytes) {
  return Memory(std::aligned_alloc(
      VITRO_ALIGNMENT, (bytes + VITRO_ALIGNMENT - 1) / VITRO_ALIGNMENT * VITRO_ALIGNMENT));
}

// Reads NAME.expected: lines of a key and a value, in the order of the file.
class Expected {
 public:
  explicit Expected(const std::string& name) {
    std::istringstream lines(read(name + ".expected"));
    for (std::string line; std::getline(lines, line);) {
      const size_t space = line.find(' ');
      entries_.push_back({line.substr(0, space), line.substr(space + 1)});
    }
  }

  std::vector<std::string> all(const std::string& key) const {
    std::vector<std::string> values;
    for (const auto& [k, value] : entries_)
      if (k == key) values.push_back(value);
    return values;
  }

  std::string text(const std::string& key) const {
    const std::vector<std::string> values = all(key);
    EXPECT_EQ(values.size(), 1u) << key;
    return values.empty() ? "" : values[0];
  }

  size_t number(const std::string& key) const { return std::stoul("0" + text(key)); }

 private:
  std::vector<std::pair<std::string, std::string>> entries_;
};

class FrozenProgram : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    bytes_ = read(name() + ".vitro");
    ASSERT_FALSE(bytes_.empty());
    memory_ = aligned(bytes_.size());
    std::memcpy(memory_.get(), bytes_.data(), bytes_.size());
    ASSERT_EQ(vitro_open(memory_.get(), bytes_.size(), &program_), VITRO_OK)
        << (program_.fault ? program_.fault : "no fault told");
  }

  std::string name() const { return GetParam(); }

  std::string bytes_;
  Memory memory_;
  vitro_program program_{};
};

void in_threads(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) threads.emplace_back(task, context, i);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(FrozenProgram, IsTheFileThatWasFrozen) {
  EXPECT_EQ(sha256(bytes_.data(), bytes_.size()), Expected(name()).text("file_sha256"));
}

// An implementation in Python computed `digest`. Programs that are older than digests have none.
TEST_P(FrozenProgram, IsWholeAsFarAsItSays) {
  const std::vector<std::string> digests = Expected(name()).all("digest");
  EXPECT_EQ(vitro_program_check(&program_), digests.empty() ? VITRO_NO_DIGEST : VITRO_OK);
  if (digests.empty()) return;
  std::string held;
  for (const uint8_t byte : *schema::GetProgram(memory_.get())->digest()->bytes()) {
    held += "0123456789abcdef"[byte >> 4];
    held += "0123456789abcdef"[byte & 15];
  }
  EXPECT_EQ(held, digests[0]);
}

TEST_P(FrozenProgram, SaysOfItselfWhatItSaid) {
  const Expected expected(name());
  EXPECT_EQ(vitro_image_size(&program_), expected.number("image_size"));
  EXPECT_EQ(vitro_class_count(&program_), expected.number("classes"));
  std::vector<std::string> labels;
  for (size_t i = 0; const char* label = vitro_label(&program_, i); ++i) labels.push_back(label);
  EXPECT_EQ(labels, expected.all("label"));
}

TEST_P(FrozenProgram, NeedsTheSameArena) {
  const Expected expected(name());
  // A session has smaller pointers on 32 bits; each thread adds the same number of bytes.
  const size_t smaller = sizeof(void*) == 8
                             ? 0
                             : expected.number("arena_bytes_1") -
                                   expected.number("arena_bytes_1_with_32_bit_pointers");
  for (size_t threads = 1; threads <= 3; ++threads)
    EXPECT_EQ(vitro_arena_bytes(&program_, threads),
              expected.number("arena_bytes_" + std::to_string(threads)) - smaller);
}

TEST_P(FrozenProgram, GivesTheSameBits) {
  const Expected expected(name());
  const size_t classes = expected.number("classes");
  size_t compared = 0;
  for (size_t i = 0; const char* isa = vitro_isa_name(i); ++i)
    for (size_t threads = 1; threads <= 3; ++threads) {
      SCOPED_TRACE(std::string(isa) + ", threads " + std::to_string(threads));
      vitro_config config{};
      config.threads = threads;
      config.parallel_for = in_threads;
      config.isa = isa;
      const size_t bytes = expected.number("arena_bytes_" + std::to_string(threads));
      const Memory arena = aligned(bytes);
      std::memset(arena.get(), 0xa5, bytes);
      vitro_session* session = nullptr;
      ASSERT_EQ(vitro_bind(&program_, &config, arena.get(), bytes, &session), VITRO_OK);
      EXPECT_EQ(vitro_self_test(session), VITRO_OK);
      for (const std::string& line : expected.all("logits")) {
        std::string picture, hash;
        std::istringstream(line) >> picture >> hash;
        size_t size = 0;
        uint8_t* input = vitro_input(session, &size);
        const std::string pixels = read(picture);
        ASSERT_EQ(size, pixels.size()) << picture;
        std::memcpy(input, pixels.data(), size);
        EXPECT_EQ(sha256(vitro_run(session), classes * sizeof(float)), hash) << picture;
        ++compared;
      }
    }
  EXPECT_GE(compared, 6u);
}

INSTANTIATE_TEST_SUITE_P(Version2, FrozenProgram, testing::ValuesIn(kFrozen),
                         [](const auto& info) { return std::string(info.param); });

TEST(FrozenPrograms, EveryFileIsTested) {
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS))
    if (entry.path().extension() == ".vitro") files.insert(entry.path().stem().string());
  EXPECT_EQ(files, std::set<std::string>(std::begin(kFrozen), std::end(kFrozen)));
}

// The expected values are from an implementation of core/golden.h in Python.
TEST(FrozenPrograms, GoldenPictures) {
  struct Case {
    uint32_t seed;
    size_t height, width;
    const char* hash;
  };
  for (const Case& c :
       {Case{1, 32, 32, "b68fee753471c55e4e3801b58c69b494b41f4e796904bf3790379370b3c275e7"},
        {2, 224, 224, "9352b37867961eb45986a6ffcd16e0b8c1a0615ff9a76fb3f33b3a15c7fffa60"},
        {7, 33, 65, "ba2b1a0df57244840425a323048cea5cf71db4ee0f56ef920ce763b9bdbdd168"},
        {UINT32_MAX, 48, 16, "10088c7af71b191619cb018db6a7b36a0bdbc3c815bc16bf73a9c0412ab8ed6b"}}) {
    std::vector<uint8_t> picture(c.height * c.width * 3);
    golden_picture(c.seed, picture.data(), c.height, c.width);
    EXPECT_EQ(sha256(picture.data(), picture.size()), c.hash) << c.seed;
  }
}

// The expected values are FNV-1a's published ones.
TEST(FrozenPrograms, DigestsOfOutputs) {
  EXPECT_EQ(output_digest("", 0), 0xcbf29ce484222325u);
  EXPECT_EQ(output_digest("a", 1), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(output_digest("foobar", 6), 0x85944171f73967e8u);
}

// What the frozen programs contain: names of ops, formats, storages, and kinds of a linear's
// output.
struct Held {
  std::set<std::string> ops, formats, storages, linears;
  std::set<int> filters, modes, centrings, orientations;
};

std::string kind_of(const schema::Program& program, const schema::Linear& linear) {
  const schema::Tensor& dst = *program.tensors()->Get(linear.dst());
  std::string kind = schema::EnumNameFormat(program.tensors()->Get(linear.src())->format());
  kind += std::string(" to ") + schema::EnumNameFormat(dst.format());
  if (linear.activation() == schema::Activation::Gelu) kind += ", gelu";
  if (linear.addend() >= 0) kind += ", addend";
  return kind;
}

Held held() {
  Held all;
  for (const char* name : kFrozen) {
    const std::string bytes = read(std::string(name) + ".vitro");
    const Memory memory = aligned(bytes.size());
    std::memcpy(memory.get(), bytes.data(), bytes.size());
    const schema::Program& program = *schema::GetProgram(memory.get());
    EXPECT_EQ(program.version(), 2u);
    EXPECT_EQ(program.golden()->size(), 2u);
    for (const schema::Tensor* t : *program.tensors()) {
      all.formats.insert(schema::EnumNameFormat(t->format()));
      all.storages.insert(schema::EnumNameStorage(t->storage()));
    }
    for (const schema::Step* step : *program.steps())
      for (const schema::Op* op : *step->ops()) {
        all.ops.insert(schema::EnumNameOpArgs(op->args_type()));
        if (op->args_type() == schema::OpArgs::Linear)
          all.linears.insert(kind_of(program, *op->args_as_Linear()));
      }
    const schema::Preprocessing& p = *program.preprocessing();
    all.filters.insert(static_cast<int>(p.filter()));
    all.modes.insert(static_cast<int>(p.mode()));
    all.centrings.insert(static_cast<int>(p.centring()));
    all.orientations.insert(static_cast<int>(p.orientation()));
  }
  return all;
}

// Every op and format.
TEST(FrozenPrograms, EveryOpAndFormatOccurs) {
  const Held all = held();
  EXPECT_EQ(all.ops,
            (std::set<std::string>{"PatchRows",      "Copy",      "LayerNorm",   "QuantiseRows",
                                   "Linear",         "Attention", "MeanRows",    "StaticNorm",
                                   "StaticQuantise", "Lookup",    "StaticAdd",   "Norm",
                                   "Transpose",      "Affine",    "Multiply",    "BiasedAttention",
                                   "GatherRows",     "HeadNorm",  "RotatePairs", "StridedPatches",
                                   "Rollout",        "ArgMax",    "PickRows"}));
  EXPECT_EQ(all.formats,
            (std::set<std::string>{"U8", "S8", "RowS8", "S16", "F32", "Keys", "Values"}));
  EXPECT_EQ(all.storages, (std::set<std::string>{"Arena", "Scratch", "Constant"}));
  EXPECT_EQ(all.linears,
            (std::set<std::string>{"RowS8 to F32", "RowS8 to F32, addend", "RowS8 to Keys",
                                   "RowS8 to S16", "RowS8 to S16, addend", "RowS8 to S16, gelu",
                                   "RowS8 to S8", "RowS8 to Values", "S8 to Keys", "S8 to S8",
                                   "S8 to Values"}));
  EXPECT_EQ(all.filters, (std::set<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(all.modes, (std::set<int>{0, 1, 2, 3}));
  EXPECT_EQ(all.centrings, (std::set<int>{0, 1}));
  EXPECT_EQ(all.orientations, (std::set<int>{0, 1}));
}

}  // namespace
}  // namespace vitro
