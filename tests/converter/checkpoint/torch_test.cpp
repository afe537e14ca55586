// SPDX-License-Identifier: Apache-2.0
// PyTorch's files: which set of weights is chosen, which tensors are read, and that a pickle cannot
// do anything except contain them.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "converter/checkpoint/checkpoint.h"
#include "tests/support/archives.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

class TorchTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = testing::TempDir() + "vitro_" +
            testing::UnitTest::GetInstance()->current_test_info()->name() + ".pth";
  }
  void TearDown() override { std::filesystem::remove(path_); }

  Checkpoint read(const std::string& bytes, const std::string& state = "") const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return read_checkpoint(path_, state);
  }

  void expect_refused(const std::string& bytes, const std::string& fault) const {
    SCOPED_TRACE(fault);
    try {
      read(bytes);
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      const std::string message = e.what();
      EXPECT_NE(message.find(fault), std::string::npos) << message;
      EXPECT_NE(message.find("; "), std::string::npos) << message;
      EXPECT_LT(message.size(), 600u);
    }
  }

  /// A file with the dictionary {"w": a tensor of 2 numbers, "x": value}.
  static std::string with(const std::string& value) {
    return torch_zip(pickle_of(pickled_dict(pickled_text("w") + pickled_tensor("0", 2, {2}) +
                                            pickled_text("x") + value)),
                     {{"0", std::string(8, '\0')}});
  }

  std::string path_;
};

const std::string kNumbers("\0\0\0\0\0\0\x80\x3f\0\0\0\x40\0\0\x40\x40\0\0\x80\x40\0\0\xa0\x40",
                           24);  // 0 .. 5

std::string one_tensor(const std::vector<size_t>& shape, uint64_t offset,
                       const std::vector<size_t>& strides, uint64_t elements = 6) {
  return torch_zip(pickle_of(pickled_dict(pickled_text("w") +
                                          pickled_tensor("0", elements, shape, offset, strides))),
                   {{"0", kNumbers}});
}

TEST_F(TorchTest, TensorsAreViewsOfStorages) {
  EXPECT_EQ(read(one_tensor({2, 3}, 0, {3, 1})).tensors.at("w").data,
            (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(read(one_tensor({3, 2}, 0, {1, 3})).tensors.at("w").data,
            (std::vector<float>{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(read(one_tensor({2, 2}, 1, {3, 1})).tensors.at("w").data,
            (std::vector<float>{1, 2, 4, 5}));
  EXPECT_EQ(read(one_tensor({3}, 1, {2})).tensors.at("w").data, (std::vector<float>{1, 3, 5}));
  EXPECT_EQ(read(one_tensor({1, 1}, 5, {77, 99})).tensors.at("w").data, (std::vector<float>{5}));
  EXPECT_EQ(read(one_tensor({}, 2, {})).tensors.at("w").data, (std::vector<float>{2}));
  EXPECT_TRUE(read(one_tensor({0, 7}, 0, {7, 1})).tensors.at("w").data.empty());

  expect_refused(one_tensor({2, 3}, 1, {3, 1}), "'w' reaches beyond its storage");
  expect_refused(one_tensor({2}, 0, {6}), "'w' reaches beyond its storage");
  expect_refused(one_tensor({2}, 0, {uint64_t{1} << 62}), "'w' reaches beyond its storage");
  expect_refused(one_tensor({uint64_t{1} << 62}, 0, {4}), "'w' reaches beyond its storage");
  expect_refused(one_tensor({1}, uint64_t{1} << 62, {1}), "'w' reaches beyond its storage");
  expect_refused(one_tensor({1}, 0, {1}, uint64_t{1} << 62), "'w' reaches beyond its storage");
  expect_refused(one_tensor({6}, 0, {0}), "'w' has overlapping elements");
  expect_refused(one_tensor({2, 2}, 0, {1, 1}), "'w' has overlapping elements");
  expect_refused(one_tensor({3}, 0, {~uint64_t{0}}), "not non-negative integers");
  expect_refused(one_tensor({2}, 0, {1}, 5), "of 24 bytes where its pickle says 20");
}

TEST_F(TorchTest, SharedStoragesAreReadButNotMultiplied) {
  std::string items;
  for (int i = 0; i < 2000; ++i)
    items += pickled_text("w" + std::to_string(i)) + pickled_tensor("0", 60000, {60000});
  const std::string zeros(240000, '\0');
  EXPECT_EQ(
      read(torch_zip(
               pickle_of(pickled_dict(pickled_text("a") + pickled_tensor("0", 60000, {60000}) +
                                      pickled_text("b") + pickled_tensor("0", 60000, {300, 200}))),
               {{"0", zeros}}))
          .tensors.size(),
      2u);
  expect_refused(torch_zip(pickle_of(pickled_dict(items)), {{"0", zeros}}),
                 "more than twice as large as the file");
}

TEST_F(TorchTest, TheStateIsChosenByRule) {
  const auto state = [](const std::string& key, size_t number) {
    return pickled_text(key) +
           pickled_dict(pickled_text("w") + pickled_tensor("0", 6, {1}, number));
  };
  const auto file = [](const std::string& items) {
    return torch_zip(pickle_of(pickled_dict(items)), {{"0", kNumbers}});
  };
  const auto value = [&](const std::string& items, const std::string& asked = "") {
    return read(file(items), asked).tensors.at("w").data.at(0);
  };
  EXPECT_EQ(value(state("model", 1)), 1);
  EXPECT_EQ(value(state("net", 1) + pickled_text("epoch") + "K\x07"), 1);
  EXPECT_EQ(value(state("model", 1) + state("model_ema", 2)), 2);
  EXPECT_EQ(value(state("student", 1) + state("teacher", 2)), 2);
  EXPECT_EQ(value(state("student", 1) + state("teacher", 2), "student"), 1);
  EXPECT_EQ(value(state("model", 1) + state("optimizer", 2)), 1);
  EXPECT_EQ(value(state("model", 1) + pickled_text("loss") + pickled_tensor("0", 6, {1}, 3)), 1);
  EXPECT_EQ(value(pickled_text("state_dict") + pickled_dict(state("module", 4))), 4);
  EXPECT_EQ(value(state("anything", 1), "anything"), 1);
  EXPECT_FALSE(read(file(state("model", 1) + state("state_dict", 2))).chosen.empty());
  EXPECT_TRUE(read(file(state("model", 1) + pickled_text("epoch") + "K\x07")).chosen.empty());
  // Tensors of several dictionaries get the dictionary's key before their names; an optimizer's
  // state is left out.
  const Checkpoint parts =
      read(file(state("backbone", 1) + state("head", 2) + state("optimizer", 3)));
  ASSERT_EQ(parts.tensors.size(), 2u);
  EXPECT_EQ(parts.tensors.at("head.w").data[0], 2);
  // A chosen set that is not a key of the file may be a prefix of names.
  EXPECT_EQ(read(file(state("model", 1)), "teacher").state, "teacher");
}

TEST_F(TorchTest, WhatStandsBesideWeightsIsOpaque) {
  const std::string namespace_of = "cargparse\nNamespace\n)\x81}(" + pickled_text("lr") +
                                   "G12345678" + pickled_text("path") + "cpathlib\nPosixPath\n(" +
                                   pickled_text("/x") + "tRub";
  const std::string scalar = "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n" +
                             pickled_text("f8") + "\x88\x89\x87R(K\x03" + pickled_text("<") +
                             "NNNtb" + "c_codecs\nencode\n" + pickled_text("01234567") +
                             pickled_text("latin1") + "\x86R\x86R";
  for (const std::string& value : {namespace_of, scalar,
                                   std::string("c__builtin__\nset\n](K\x01K\x02"
                                               "e\x85R"),
                                   std::string("\x8f(K\x01\x90"), std::string("N"),
                                   std::string("\x8b\x02\0\0\0\xff\xff", 7)}) {
    const Checkpoint checkpoint = read(with(value));
    EXPECT_EQ(checkpoint.tensors.size(), 1u);
    EXPECT_EQ(checkpoint.not_float, std::vector<std::string>{"x"});
  }
  EXPECT_EQ(read(with("ctorch._utils\n_rebuild_parameter\n(" + pickled_tensor("0", 2, {1}) +
                      "\x88"
                      "ccollections\nOrderedDict\n)RtR"))
                .tensors.size(),
            2u);
}

TEST_F(TorchTest, GlobalsThatAreNoPartOfATensorAreRefused) {
  for (const std::string global :
       {"os.system", "posix.system", "subprocess.Popen", "builtins.eval", "__builtin__.eval",
        "builtins.getattr", "torch.load", "torch.hub.load", "torch._utils._rebuild_sparse_tensor",
        "torch.storage._load_from_bytes", "collections.OrderedDict.fromkeys", "numpy.load",
        "torch.nn.Linear"}) {
    const size_t dot = global.rfind('.');
    const std::string module = global.substr(0, dot), name = global.substr(dot + 1);
    expect_refused(with("c" + module + "\n" + name + "\n(" + pickled_text("echo owned") + "tR"),
                   "its pickle asks for '" + global + "'");
    expect_refused(with(pickled_text(module) + pickled_text(name) + "\x93)R"),
                   "its pickle asks for '" + global + "'");
  }
  expect_refused(with("cos\nsystem\n(" + pickled_text("x") + "tR"),
                 "loading it with Python could run anything");
  expect_refused(with("cx\x1b[2J\ny\n"), "its pickle asks for 'x?[2J.y'");
}

TEST_F(TorchTest, OpcodesOfOtherPicklesAreRefused) {
  const std::pair<const char*, const char*> kCases[] = {{"I1\n", "INT"},
                                                        {"L1L\n", "LONG"},
                                                        {"F1\n", "FLOAT"},
                                                        {"S'x'\n", "STRING"},
                                                        {"Vx\n", "UNICODE"},
                                                        {"P1\n", "PERSID"},
                                                        {"g0\n", "GET"},
                                                        {"p0\n", "PUT"},
                                                        {"(ios\nsystem\n", "INST"},
                                                        {"(o", "OBJ"},
                                                        {"))}\x92", "NEWOBJ_EX"},
                                                        {"\x82\x01", "EXT1"},
                                                        {"\x83\x01\x01", "EXT2"},
                                                        {"\x84\x01\x01\x01\x01", "EXT4"},
                                                        {"\x97", "NEXT_BUFFER"},
                                                        {"\x98", "READONLY_BUFFER"}};
  for (const auto& [bytes, name] : kCases)
    expect_refused(with(bytes), std::string("its pickle has opcode ") + name + ",");
  // Every byte is either a known opcode or refused.
  size_t refused = 0;
  for (int code = 0; code < 256; ++code) {
    try {
      read(with(std::string(1, static_cast<char>(code))));
    } catch (const InputError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 200u);
}

TEST_F(TorchTest, PicklesThatAreNone) {
  expect_refused(with("h\x07"), "recalls what was not there");
  expect_refused(with("00000000"), "takes more from its stack than is there");
  expect_refused(with("e"), "adds items to something that is not a container");
  expect_refused(with("K\x01(K\x02"
                      "e"),
                 "adds items to something that is not a container");
  expect_refused(with("}(K\x01u"), "adds items to something that is not a container");
  expect_refused(with("K\x01)R"), "calls something that is not a global");
  expect_refused(with("ccollections\nOrderedDict\nK\x01R"), "without a tuple of arguments");
  expect_refused(with("ctorch\nFloatStorage\n)R"), "which is not a function");
  expect_refused(with("K\x01}b"), "gives attributes to what has none");
  expect_refused(with("K\x01Q"), "refers to something that is not a storage");
  expect_refused(with("ctorch._utils\n_rebuild_tensor_v2\n)R"), "a tensor without a storage");
  std::string negated = pickled_tensor("0", 2, {2});
  negated.replace(
      negated.size() - 2, 2,
      "}(" + pickled_text("neg") + "\x88utR");  // the dictionary of metadata, after the hooks
  expect_refused(with(negated), "negated or conjugated");
  expect_refused(with("ctorch\nSize\n)R"), "a torch.Size of no tuple");
  expect_refused(with(std::string("\x80\0", 2)), "of protocol 0");
  expect_refused(with("X" + bytes_of(0xffffffff, 4)), "is cut short");
  expect_refused(with("\x8e" + bytes_of(~uint64_t{0}, 8)), "is cut short");
  expect_refused(with("c" + std::string(1000, 'x')), "a global without an end");
  expect_refused(with("ccollections\nOrderedDict\n(" + std::string(17, 'N') + "tR"),
                 "with 17 arguments");
  expect_refused(torch_zip(pickle_of("N"), {}), "holds no dictionary of weights");
  expect_refused(torch_zip(pickle_of(pickled_tensor("0", 2, {2})), {{"0", std::string(8, '\0')}}),
                 "holds one tensor alone");
  expect_refused(torch_zip(pickle_of(pickled_dict(pickled_text("a") + "K\x01")), {}),
                 "holds no tensors");
  expect_refused(
      torch_zip(pickle_of(pickled_dict(pickled_text("a") + pickled_tensor("7", 2, {2}))), {}),
      "lacks storage '7'");
  // A list that contains itself is the dictionary's value. The reader must not follow it for ever.
  EXPECT_EQ(read(with("]q\x01h\x01"
                      "a"))
                .tensors.size(),
            1u);
}

TEST_F(TorchTest, BombsAreBounded) {
  expect_refused(with(std::string(5'000'000, ']')), "more than 4000000 values");
  expect_refused(with(std::string(5'000'000, 'N')), "stacks more than 4000000 values");
  expect_refused(with(std::string(5'000'000, '(')), "nested too deeply");
  expect_refused(with("K\x01(" +
                      [] {
                        std::string memo;
                        for (uint32_t i = 0; i < 4'000'001; ++i) memo += "r" + bytes_of(i, 4);
                        return "K\x01" + memo;
                      }()),
                 "remembers more than");
  // The same list of pairs is made into a dictionary again and again.
  std::string again = "](";
  for (int i = 0; i < 1000; ++i) again += "NN\x86";
  again += "eq\x01";
  for (int i = 0; i < 5000; ++i) again += "ccollections\nOrderedDict\nh\x01\x85R0";
  expect_refused(with(again), "more than 4000000 values");
  // Deep nesting is allowed and does no harm.
  EXPECT_EQ(read(with(std::string(100'000, ']') + std::string(99'999, 'a'))).tensors.size(), 1u);
}

// What a pickle names many times is there but once: it must not cost as much each time.
TEST_F(TorchTest, NamedOftenAndReadOnce) {
  const auto put = [](uint32_t key) { return "r" + bytes_of(key, 4); };
  const auto get = [](uint32_t key) { return "j" + bytes_of(key, 4); };
  const auto times = [](const std::string& text, size_t count) {
    std::string all;
    for (size_t i = 0; i < count; ++i) all += text;
    return all;
  };
  // The dictionary `inside`, as 300,000 values of another one.
  const auto many = [&](const std::string& inside) {
    return torch_zip(pickle_of(pickled_text("k") + put(1) + "0" + pickled_dict(inside) + put(2) +
                               "0" + pickled_dict(times(get(1) + get(2), 300'000))),
                     {{"0", ""}});
  };
  expect_refused(many(times(get(1) + "N", 300'000)), "no tensors");
  expect_refused(many(pickled_text("w") + pickled_tensor("0", 0, {0})), "more than 100000 tensors");
  expect_refused(many(pickled_text("w") + pickled_tensor("0", 0, {0}) + times("K\x01N", 300'000)),
                 "more than 100000 tensors");

  const std::string longest(1000, 'n'), longer(1001, 'n');
  const auto named = [&](const std::string& outside, const std::string& name) {
    return torch_zip(
        pickle_of(pickled_dict(pickled_text(outside) +
                               pickled_dict(pickled_text(name) + pickled_tensor("0", 6, {6})))),
        {{"0", kNumbers}});
  };
  EXPECT_EQ(read(named("model", longest)).tensors.count(longest), 1u);
  expect_refused(named("model", longer), "longer than 1000");
  expect_refused(named(longest, "w"), "longer than 1000");
  expect_refused(named(std::string(1 << 20, 'n'), "w"), "longer than 1000");

  // A storage of two kinds of numbers by turns.
  constexpr size_t kCount = size_t{1} << 20, kTensors = 20'000;
  std::string items;
  for (size_t i = 0; i < kTensors; ++i)
    items += pickled_text(std::to_string(i)) + "ctorch._utils\n_rebuild_tensor_v3\n(" + get(1) +
             std::string("K\0K\x01\x85K\x01\x85\x89)", 10) +
             (i % 2 ? "ctorch\nfloat16\n" : "ctorch\nfloat32\n") + "tR";
  const Checkpoint turns = read(
      torch_zip(pickle_of("(" + pickled_text("storage") + "ctorch\nFloatStorage\n" +
                          pickled_text("0") + pickled_text("cpu") + pickled_number(kCount) + "tQ" +
                          put(1) + "0" + pickled_dict(items)),
                {{"0", std::string("\0\x3c\x80\x3f", 4) + std::string(4 * kCount - 4, '\0')}}));
  EXPECT_EQ(turns.tensors.size(), kTensors);
  EXPECT_EQ(turns.tensors.at("1").data[0], 1.0f);
  EXPECT_EQ(turns.tensors.at("2").data[0], 1.00183105f);
}

// Names that a table by hash would keep in one place: 2^32 has room for many multiples of its size.
TEST_F(TorchTest, MemoriesAreCountedFromZero) {
  std::string memo = "K\x01";
  for (uint64_t i = 0; i < 40'000; ++i) memo += "r" + bytes_of(i * 107'897 & 0xffffffff, 4);
  expect_refused(with(memo), "remembers more than");
  EXPECT_EQ(
      read(with("K\x01r" + bytes_of(3'999'999, 4) + "0j" + bytes_of(3'999'999, 4))).tensors.size(),
      1u);
  expect_refused(with("K\x01r" + bytes_of(4'000'000, 4)), "remembers more than");
  expect_refused(with("j" + bytes_of(3'999'999, 4)), "recalls what was not there");
}

TEST_F(TorchTest, DamageIsReadOrRefused) {
  Checkpoint small;
  small.tensors["a"] = {{2, 2}, {1, 2, 3, 4}};
  small.tensors["b"] = {{1}, {5}};
  for (const std::string& whole : {torch_zip(small), torch_legacy(small), npz_of(small, true)}) {
    ASSERT_EQ(read(whole).tensors.size(), 2u);
    for (size_t size = 0; size < whole.size(); ++size)
      EXPECT_THROW(read(whole.substr(0, size)), InputError) << size;
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const int flip : {1, 32, 255}) {
        std::string damaged = whole;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        try {
          const Checkpoint checkpoint = read(damaged);
          for (const auto& named : checkpoint.tensors) EXPECT_LE(named.second.data.size(), 4u);
        } catch (const InputError&) {
        }
      }
    }
  }
}

}  // namespace
}  // namespace vitro
