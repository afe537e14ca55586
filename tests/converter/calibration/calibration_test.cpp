// SPDX-License-Identifier: Apache-2.0
// Calibration files: they give the same program without the pictures, and all others are refused.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "converter/base/error.h"
#include "converter/calibration/calibration_generated.h"
#include "converter/convert.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

Pictures pictures_for(const Graph& graph, size_t count) {
  Pictures pictures(count, std::vector<uint8_t>(picture_bytes(graph.preprocessing)));
  for (size_t i = 0; i < count; ++i)
    golden_picture(static_cast<uint32_t>(i + 1), pictures[i].data(), pictures[i].size());
  return pictures;
}

std::string bytes_of(const ConvertResult& result) {
  return {reinterpret_cast<const char*>(result.file.data()), result.file.size()};
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_all(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

class CalibrationTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = (std::filesystem::temp_directory_path() /
             ("vitro_calibration_" + std::to_string(getpid()) + ".calibration"))
                .string();
    checkpoint_ = make_checkpoint({});
    checkpoint_.sha256 = std::string(64, 'a');
    graph_ = vit::build_vit(checkpoint_);
    graph_.preprocessing.mean[1] = 0.25f;
    options_.threads = 2;
    measured_ = convert(checkpoint_, graph_, pictures_for(graph_, 6), options_, nullptr);
    save(checkpoint_, graph_, measured_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  void save(const Checkpoint& checkpoint, const Graph& graph, const ConvertResult& result) const {
    SavedCalibration saved;
    saved.checkpoint_sha256 = checkpoint.sha256;
    saved.settings = {{"heads", "1"}, {"pooling", "mean"}};
    saved.preprocessing = graph.preprocessing;
    saved.calibration = result.calibration;
    saved.layers = result.layers;
    OutputFile to(path_);
    write_calibration(to, saved, graph);
    to.commit();
  }

  // Applies `change` to the calibration and writes the file again.
  template <class Change>
  void alter(const Change& change) {
    saved::CalibrationT file;
    saved::GetCalibration(read_all(path_).data())->UnPackTo(&file);
    change(file);
    flatbuffers::FlatBufferBuilder builder;
    saved::FinishCalibrationBuffer(builder, saved::Calibration::Pack(builder, &file));
    write_all(path_,
              {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
  }

  void expect_refused(const std::string& word) {
    try {
      check_fit(path_, read_calibration(path_, checkpoint_.sha256).calibration, graph_);
      ADD_FAILURE() << "accepted, though: " << word;
    } catch (const InputError& error) {
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  }

  std::string path_;
  Checkpoint checkpoint_;
  Graph graph_;
  ConvertOptions options_;
  ConvertResult measured_;
};

TEST_F(CalibrationTest, GivesTheSameBytes) {
  for (const RandomVit& vit : {RandomVit{},
                               [] {
                                 RandomVit v;
                                 v.distillation = true;
                                 return v;
                               }(),
                               [] {
                                 RandomVit v;
                                 v.class_token = false;
                                 return v;
                               }()}) {
    Checkpoint checkpoint = make_checkpoint(vit);
    checkpoint.sha256 = std::string(64, 'b');
    const Graph graph = vit::build_vit(checkpoint);
    const ConvertResult first =
        convert(checkpoint, graph, pictures_for(graph, 5), options_, nullptr);
    save(checkpoint, graph, first);
    const SavedCalibration saved = read_calibration(path_, checkpoint.sha256);
    check_fit(path_, saved.calibration, graph);
    const ConvertResult again = convert(checkpoint, graph, saved, options_, nullptr);
    EXPECT_TRUE(bytes_of(first) == bytes_of(again));
    ASSERT_EQ(again.layers.size(), first.layers.size());
    EXPECT_EQ(again.logit_sqnr_db, first.logit_sqnr_db);
  }
}

TEST_F(CalibrationTest, OfStaticScales) {
  options_.static_scales = true;
  const ConvertResult first =
      convert(checkpoint_, graph_, pictures_for(graph_, 5), options_, nullptr);
  save(checkpoint_, graph_, first);
  const SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
  EXPECT_TRUE(saved.calibration.static_scales);
  check_fit(path_, saved.calibration, graph_);
  EXPECT_TRUE(bytes_of(first) == bytes_of(convert(checkpoint_, graph_, saved, options_, nullptr)));
  EXPECT_FALSE(bytes_of(first) == bytes_of(measured_));

  size_t with_range = 0;
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const auto refused = [&](const char* word, const auto& change) {
      save(checkpoint_, graph_, first);
      alter([&](saved::CalibrationT& f) { change(f.nodes[i]->range); });
      expect_refused(word);
    };
    if (!first.calibration.ranges.count(i)) {
      refused("does not fit", [](auto& range) { range = std::make_unique<saved::RangeT>(); });
      continue;
    }
    ++with_range;
    refused("does not fit", [](auto& range) { range.reset(); });
    refused("numbers", [](auto& range) { range->highest = NAN; });
    refused("numbers", [](auto& range) { range->lowest = 1; });
    refused("numbers", [](auto& range) { range->highest = -1; });
  }
  EXPECT_EQ(with_range,
            2 * 7u);  // each block's two norms, attention, projection, fc1, GELU, fc2
}

TEST_F(CalibrationTest, KeepsWhatTheConversionTook) {
  const SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
  using Settings = std::map<std::string, std::string>;
  EXPECT_EQ(saved.settings, (Settings{{"heads", "1"}, {"pooling", "mean"}}));
  EXPECT_EQ(saved.path, path_);
  Preprocessing expected = graph_.preprocessing;
  expected.image_width = expected.image_height = 0;
  EXPECT_EQ(saved.preprocessing, expected);
  EXPECT_TRUE(std::equal(std::begin(saved.preprocessing.mean), std::end(saved.preprocessing.mean),
                         graph_.preprocessing.mean));
  EXPECT_EQ(saved.calibration.pictures, 6u);
  EXPECT_EQ(saved.layers.back().name, "logits");
}

TEST_F(CalibrationTest, FilesOfBeforeKeepHeadsAndEpsilon) {
  alter([](saved::CalibrationT& f) { f.settings.clear(), f.heads = 3, f.epsilon = 1e-5f; });
  using Settings = std::map<std::string, std::string>;
  EXPECT_EQ(read_calibration(path_, checkpoint_.sha256).settings,
            (Settings{{"epsilon", "1e-05"}, {"heads", "3"}}));
}

TEST_F(CalibrationTest, OfOtherActivationsIsRefused) {
  const SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
  options_.static_scales = true;
  try {
    convert(checkpoint_, graph_, saved, options_, nullptr);
    FAIL();
  } catch (const InputError& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find(path_), std::string::npos) << said;
    EXPECT_NE(said.find("holds what dynamic activations need"), std::string::npos) << said;
    EXPECT_NE(said.find("give --activations dynamic"), std::string::npos) << said;
  }
}

// Every value differs from its default and from its neighbours.
TEST_F(CalibrationTest, KeepsEveryFieldOfThePreprocessing) {
  Preprocessing p;
  p.filter = ResizeFilter::Hamming;
  p.centring = Centring::Floor;
  p.orientation = Orientation::Apply;
  p.passes = PassOrder::RowsFirst;
  p.rescale = 0.0078125f;
  for (size_t c = 0; c < 3; ++c) {
    p.fill[c] = static_cast<uint8_t>(11 + c);
    p.mean[c] = 0.125f + 0.0625f * static_cast<float>(c);
    p.std[c] = 0.375f + 0.03125f * static_cast<float>(c);
  }
  struct Resize {
    ResizeMode mode;
    size_t width, height;
  };
  for (const Resize& r : {Resize{ResizeMode::ShorterSide, 37, 37},
                          {ResizeMode::LongerSide, 38, 38},
                          {ResizeMode::Exact, 39, 41},
                          {ResizeMode::None, 0, 0}}) {
    p.mode = r.mode, p.resize_width = r.width, p.resize_height = r.height;
    Graph graph = graph_;
    graph.preprocessing = p;
    graph.preprocessing.image_width = graph.preprocessing.image_height = 16;
    SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
    saved.preprocessing = graph.preprocessing;
    OutputFile to(path_);
    write_calibration(to, saved, graph);
    to.commit();
    const Preprocessing back = read_calibration(path_, checkpoint_.sha256).preprocessing;
    EXPECT_EQ(back.filter, p.filter);
    EXPECT_EQ(back.centring, p.centring);
    EXPECT_EQ(back.orientation, p.orientation);
    EXPECT_EQ(back.passes, p.passes);
    EXPECT_EQ(back.rescale, p.rescale);
    EXPECT_EQ(back.mode, p.mode);
    EXPECT_EQ(back.resize_width, p.resize_width);
    EXPECT_EQ(back.resize_height, p.resize_height);
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(back.fill[c], p.fill[c]);
      EXPECT_EQ(back.mean[c], p.mean[c]);
      EXPECT_EQ(back.std[c], p.std[c]);
    }
  }
}

TEST_F(CalibrationTest, RefusesWhatDoesNotBelong) {
  const std::string good = read_all(path_);
  const auto with = [&](const char* word, const auto& change) {
    write_all(path_, good);
    alter(change);
    expect_refused(word);
  };
  with("another version", [](saved::CalibrationT& f) { f.recipe += 1; });
  with("other weights", [](saved::CalibrationT& f) { f.checkpoint_sha256[0] = 'f'; });
  with("damaged", [](saved::CalibrationT& f) { f.mean.pop_back(); });
  with("damaged", [](saved::CalibrationT& f) { f.std[0] = NAN; });
  with("damaged", [](saved::CalibrationT& f) { f.layers.clear(); });
  with("damaged", [](saved::CalibrationT& f) { f.pictures = 0; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[1]->mean[0] = INFINITY; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[1]->lowest.pop_back(); });
  with("numbers",
       [](saved::CalibrationT& f) { f.nodes[1]->lowest[0] = f.nodes[1]->highest[0] + 1; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[0]->moments->correlation.pop_back(); });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[0]->moments->deviation[0] = -1; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[0]->moments->deviation[0] = 1.001e9f; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[0]->moments->mean[0] = -1.001e9f; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[1]->mean[0] = NAN; });
  with("numbers", [](saved::CalibrationT& f) { f.nodes[1]->highest[0] = 1e30f; });
  for (const double sqnr : {double{NAN}, double{INFINITY}, -4000.001, 1e308})
    with("numbers", [sqnr](saved::CalibrationT& f) { f.layers.back()->sqnr_db = sqnr; });
  with("does not fit", [](saved::CalibrationT& f) { f.nodes.pop_back(); });
  with("does not fit", [](saved::CalibrationT& f) { f.nodes[0]->moments.reset(); });
  with("does not fit", [](saved::CalibrationT& f) { std::swap(f.nodes[0], f.nodes[1]); });
  write_all(path_, "");
  expect_refused("not a calibration file");
  write_all(path_, std::string(1000, 'x'));
  expect_refused("not a calibration file");
  std::filesystem::remove(path_);
  expect_refused("cannot be opened");
  write_all(path_, good);
}

// Correlations of no numbers would drive NaN into the int8 weights.
TEST_F(CalibrationTest, RefusesMomentsThatContradictThemselves) {
  alter([](saved::CalibrationT& f) {
    for (auto& node : f.nodes) {
      if (!node->moments) continue;
      for (float& deviation : node->moments->deviation) deviation = 1e9f;
      uint32_t random = 1;
      for (int16_t& correlation : node->moments->correlation) {
        random = random * 1664525u + 1013904223u;
        correlation = random >> 31 ? 32767 : -32767;
      }
    }
  });
  const SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
  check_fit(path_, saved.calibration, graph_);
  try {
    convert(checkpoint_, graph_, saved, options_, nullptr);
    FAIL() << "converted";
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
  }
}

// The list `field` of the root table, of `count` that are all the same table of two texts.
void share(flatbuffers::FlatBufferBuilder& builder, saved::CalibrationT& file,
           flatbuffers::voffset_t field, size_t count) {
  using Table = flatbuffers::Table;
  const auto text = builder.CreateString(std::string(200, 'x'));
  const auto table_start = builder.StartTable();
  builder.AddOffset(flatbuffers::FieldIndexToOffset(0), text);
  if (field != saved::Calibration::VT_LAYERS)
    builder.AddOffset(flatbuffers::FieldIndexToOffset(1), text);
  const flatbuffers::Offset<Table> table(builder.EndTable(table_start));
  const auto shared = builder.CreateVector(std::vector<flatbuffers::Offset<Table>>(count, table));
  const auto node = saved::Node::Pack(builder, file.nodes[0].get());
  const bool nodes = field == saved::Calibration::VT_NODES;
  const auto node_list =
      builder.CreateVector(std::vector<flatbuffers::Offset<saved::Node>>(nodes ? count : 1, node));
  const auto layer = saved::Layer::Pack(builder, file.layers[0].get());
  const auto layer_list = builder.CreateVector(&layer, 1);
  const auto hash = builder.CreateString(file.checkpoint_sha256);
  const auto mean = builder.CreateVector(file.mean), std = builder.CreateVector(file.std);
  saved::CalibrationBuilder root(builder);
  root.add_recipe(file.recipe);
  root.add_checkpoint_sha256(hash);
  root.add_pictures(file.pictures);
  root.add_mean(mean);
  root.add_std(std);
  root.add_nodes(node_list);
  if (field != saved::Calibration::VT_LAYERS) root.add_layers(layer_list);
  if (!nodes) builder.AddOffset(field, shared);
  saved::FinishCalibrationBuffer(builder, root.Finish());
}

// Tables that share their numbers or texts, or are one in several places: a small file that would
// be large in memory.
TEST_F(CalibrationTest, RefusesTablesThatShareTheirBytes) {
  saved::CalibrationT file;
  const std::string good = read_all(path_);
  saved::GetCalibration(good.data())->UnPackTo(&file);
  using Saved = saved::Calibration;
  for (const auto field :
       {Saved::VT_NODES, Saved::VT_LAYERS, Saved::VT_SOURCES, Saved::VT_SETTINGS})
    for (const size_t count : {1, 1000}) {
      SCOPED_TRACE(std::to_string(field) + " " + std::to_string(count));
      flatbuffers::FlatBufferBuilder builder;
      share(builder, file, field, count);
      write_all(path_,
                {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()});
      expect_refused(count == 1 ? "does not fit" : "is damaged");
    }
}

TEST_F(CalibrationTest, SurvivesAnyDamage) {
  const std::string good = read_all(path_);
  std::mt19937 random(7);
  const auto attempt = [&](const std::string& bytes) {
    write_all(path_, bytes);
    try {
      const SavedCalibration saved = read_calibration(path_, checkpoint_.sha256);
      check_fit(path_, saved.calibration, graph_);
      convert(checkpoint_, graph_, saved, options_, nullptr);
    } catch (const InputError&) {
    }
  };
  for (int i = 0; i < 60; ++i) attempt(good.substr(0, random() % good.size()));
  for (int i = 0; i < 150; ++i) {
    std::string bytes = good;
    // FlatBuffers writes the offsets of the file's structure last, so they lie at the front; the
    // rest is numbers.
    for (int flips = 0; flips < 3; ++flips) {
      const unsigned bit = 1u << random() % 8;
      char& byte = bytes[random() % (i % 2 ? 4000 : bytes.size())];
      byte = static_cast<char>(static_cast<unsigned char>(byte) ^ bit);
    }
    attempt(bytes);
  }
}

}  // namespace
}  // namespace vitro
