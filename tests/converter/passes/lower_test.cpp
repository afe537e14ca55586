// SPDX-License-Identifier: Apache-2.0
// Graphs that are not ViTs, converted to programs: their outputs must be close to the float
// graph's.
#include "converter/passes/lower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "converter/base/error.h"
#include "converter/convert.h"
#include "converter/float/executor.h"
#include "converter/nodes/node_type.h"
#include "runtime/core/golden.h"

namespace vitro {

using namespace converter;

namespace {

// A graph of 16 patches of 4 x 4 pixels, with weights like those of a trained model.
class LowerSketch {
 public:
  LowerSketch() {
    graph.preprocessing.image_width = graph.preprocessing.image_height = 16;
    graph.preprocessing.resize_width = graph.preprocessing.resize_height = 16;
    pixels = add("pixels", {}, PatchRows{4, 4, 0, false});
  }
  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph, name, std::move(inputs), std::move(operation));
  }
  size_t linear(const std::string& name, size_t from, size_t cols, float gain = 1) {
    const size_t k = graph.nodes[from].cols;
    std::normal_distribution<float> weight(0, gain / std::sqrt(static_cast<float>(k)));
    Linear linear{Matrix(cols, k), std::vector<float>(cols)};
    for (float& w : linear.weight.data) w = weight(generator_);
    for (float& b : linear.bias) b = weight(generator_);
    return add(name, {from}, std::move(linear));
  }
  size_t norm(const std::string& name, size_t from) {
    LayerNorm norm;
    norm.gamma.assign(graph.nodes[from].cols, 1.25f);
    norm.beta.assign(graph.nodes[from].cols, -0.25f);
    norm.epsilon = 1e-6f;
    return add(name, {from}, norm);
  }
  size_t attention(const std::string& name, size_t from, size_t heads, size_t groups) {
    const size_t cols = graph.nodes[from].cols;
    const size_t q = linear(name + ".q", from, cols), k = linear(name + ".k", from, cols),
                 v = linear(name + ".v", from, cols);
    return add(name, {q, k, v},
               Attention{heads, groups,
                         1 / std::sqrt(static_cast<float>(cols) / static_cast<float>(heads))});
  }
  void output(const std::string& name, size_t node, OutputKind kind) {
    graph.outputs.push_back({node, name, kind});
  }

  Graph graph;
  size_t pixels = 0;

 private:
  std::mt19937 generator_{11};
};

struct Converted {
  ConvertResult result;
  std::vector<double> sqnr_db;  // of each output, on a picture that was not in the calibration
};

double sqnr_db(const std::vector<float>& want, const float* got) {
  double signal = 0, noise = 1e-30;
  for (size_t i = 0; i < want.size(); ++i) {
    signal += static_cast<double>(want[i]) * static_cast<double>(want[i]);
    noise += std::pow(static_cast<double>(want[i]) - static_cast<double>(got[i]), 2);
  }
  return 10 * std::log10(signal / noise);
}

Converted converted(const Graph& graph, bool static_scales) {
  const size_t height = graph.preprocessing.image_height, width = graph.preprocessing.image_width,
               bytes = height * width * 3;
  Pictures pictures(24, std::vector<uint8_t>(bytes));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(50 + i), pictures[i].data(), height, width);
  Checkpoint checkpoint;
  checkpoint.path = "sketch";
  ConvertOptions options;
  options.threads = 2;
  options.static_scales = static_scales;
  Converted out;
  out.result = convert(checkpoint, graph, pictures, options, nullptr);

  vitro_program program;
  EXPECT_EQ(vitro_open(out.result.file.data(), out.result.file.size(), &program), VITRO_OK);
  AlignedBytes arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  EXPECT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
  EXPECT_EQ(vitro_self_test(session), VITRO_OK);
  size_t size = 0;
  uint8_t* input = vitro_input(session, &size);
  EXPECT_EQ(size, bytes);
  golden_picture(7, input, height, width);
  const std::vector<uint8_t> picture(input, input + size);
  vitro_run(session);
  const std::vector<std::vector<float>> want = FloatExecutor(graph).run(picture.data());
  EXPECT_EQ(vitro_output_count(&program), want.size());
  for (size_t i = 0; i < want.size(); ++i)
    out.sqnr_db.push_back(sqnr_db(want[i], vitro_output_values(session, i)));
  return out;
}

TEST(Lower, TwoStreamsTwoOutputsAndWhatIsReadAgain) {
  LowerSketch s;
  const size_t a = s.linear("a", s.pixels, 16, 3);
  const size_t sum = s.add("sum", {a, s.linear("b", s.norm("n", a), 16)}, Add{});
  // `a` is read again after the sum; and there is a narrower stream with another magnitude.
  const size_t narrow = s.linear("narrow", s.norm("m", a), 8, 50);
  const size_t two = s.add("two", {narrow, s.linear("c", s.norm("o", sum), 8, 20)}, Add{});
  const size_t map =
      s.linear("map", s.norm("q", two), 4);  // must be kept while the rest is computed
  s.output("logits", s.linear("head", s.norm("p", s.add("row", {sum}, SelectRows{3, 1})), 40),
           OutputKind::Logits);
  s.output("map", map, OutputKind::Features);
  for (const bool static_scales : {false, true}) {
    const Converted c = converted(s.graph, static_scales);
    for (const double db : c.sqnr_db) EXPECT_GT(db, static_scales ? 25 : 30);
    const schema::Program& p = *schema::GetProgram(c.result.file.data());
    ASSERT_EQ(p.outputs()->size(), 2u);
    EXPECT_STREQ(p.outputs()->Get(1)->name()->c_str(), "map");
    EXPECT_EQ(p.tensors()->Get(p.outputs()->Get(1)->tensor())->rows(), 16u);
    std::vector<float> scales;
    for (const schema::Tensor* t : *p.tensors())
      if (t->scale() != 0) scales.push_back(t->scale());
    ASSERT_FALSE(scales.empty());  // only the narrow stream has scales
    for (const float scale : scales) {
      EXPECT_EQ(scale, scales[0]);
      EXPECT_GT(scale, 5 * p.residual_scale());
    }
  }
}

TEST(Lower, AttentionWithinGroups) {
  LowerSketch s;
  const size_t a = s.linear("a", s.pixels, 16);
  const size_t attention = s.attention("attention", s.norm("n", a), 2, 4);
  const size_t sum = s.add("sum", {a, s.linear("proj", attention, 16)}, Add{});
  s.output("logits", s.linear("head", s.norm("p", s.add("mean", {sum}, MeanRows{})), 5),
           OutputKind::Logits);
  for (const bool static_scales : {false, true}) {
    const Converted c = converted(s.graph, static_scales);
    EXPECT_GT(c.sqnr_db[0], static_scales ? 25 : 30);
    size_t grouped = 0;
    for (const schema::Tensor* t : *schema::GetProgram(c.result.file.data())->tensors())
      grouped += t->groups() == 4;
    EXPECT_EQ(grouped, 2u);
  }
}

TEST(Lower, GeluWithoutAResidualAndAnOblongPicture) {
  LowerSketch s;
  s.graph.preprocessing.image_width = s.graph.preprocessing.resize_width = 24;
  settle_shapes(s.graph);
  const size_t hidden = s.add("gelu", {s.linear("fc1", s.pixels, 32, 2)}, Gelu{});
  const size_t back = s.linear("fc2", hidden, 12);
  s.output("features", s.linear("head", s.norm("n", back), 5), OutputKind::Features);
  for (const bool static_scales : {false, true}) {
    const Converted c = converted(s.graph, static_scales);
    EXPECT_GT(c.sqnr_db[0], static_scales ? 25 : 30);
    const schema::Program& p = *schema::GetProgram(c.result.file.data());
    EXPECT_EQ(p.tensors()->Get(p.input())->cols(), 72u);
    EXPECT_EQ(p.tensors()->Get(p.output())->rows(), 24u);
  }
}

// If these sums were computed in place, tiles of a step would overwrite rows that other tiles still
// read.
TEST(Lower, SumsOntoWhatTheirStepReads) {
  LowerSketch
      square;  // as many rows as columns, so that the transposed value fits in the same step
  const size_t a = square.linear("a", square.pixels, 16);
  const size_t turned = square.add("turned", {a}, Transpose{});
  const size_t sum = square.add("sum", {a, square.linear("b", turned, 16)}, Add{});
  square.output("features", square.linear("head", square.norm("n", sum), 4), OutputKind::Features);
  LowerSketch shifted;  // each row is computed from the one after it
  const size_t c = shifted.linear("c", shifted.pixels, 16);
  const size_t next = shifted.add("next", {c}, SelectRows{1, 15}),
               here = shifted.add("here", {c}, SelectRows{0, 15});
  const size_t onto =
      shifted.add("onto", {here, shifted.linear("d", shifted.norm("m", next), 16)}, Add{});
  shifted.output("features", shifted.linear("head", shifted.norm("o", onto), 4),
                 OutputKind::Features);
  for (const LowerSketch* s : {&square, &shifted})
    for (const bool static_scales : {false, true})
      EXPECT_GT(converted(s->graph, static_scales).sqnr_db[0], static_scales ? 25 : 30);
}

TEST(Lower, TwoAttentionsReadTheSameKeysAndValues) {
  LowerSketch s;
  const size_t n = s.norm("n", s.linear("a", s.pixels, 16));
  const size_t k = s.linear("k", n, 16), v = s.linear("v", n, 16);
  const size_t one = s.add("one", {s.linear("q", n, 16), k, v}, Attention{2, 1, 0.35f}),
               other = s.add("other", {s.linear("r", n, 16), k, v}, Attention{2, 1, 0.7f});
  s.output("one", s.linear("head", one, 4), OutputKind::Features);
  s.output("other", s.linear("tail", other, 4), OutputKind::Features);
  for (const bool static_scales : {false, true})
    for (const double db : converted(s.graph, static_scales).sqnr_db) EXPECT_GT(db, 25);
}

// Blocks without norms: the stream grows from 1 to 10^5, and GELU's inputs to 10^4. With a single
// unit, and 6 or more fraction bits for GELU's int16, nothing would be left of the logits.
TEST(Lower, StreamsThatGrowGetOtherUnits) {
  LowerSketch s;
  size_t x = s.linear("embed", s.pixels, 16);
  for (const std::string block : {"0", "1", "2", "3"}) {
    const size_t mixed =
        s.linear("mixing." + block, s.add("columns." + block, {x}, Transpose{}), 16);
    const size_t rows = s.add("rows." + block, {mixed}, Transpose{});
    const size_t middle = s.add("middle." + block, {x, rows}, Add{});
    const size_t hidden = s.add("gelu." + block, {s.linear("fc1." + block, middle, 32, 3)}, Gelu{});
    x = s.add("sum." + block, {middle, s.linear("fc2." + block, hidden, 16, 7)}, Add{});
  }
  s.output("logits", s.linear("head", s.add("mean", {x}, MeanRows{}), 5), OutputKind::Logits);
  const Converted c = converted(s.graph, false);
  EXPECT_GT(c.sqnr_db[0], 25);
  const schema::Program& p = *schema::GetProgram(c.result.file.data());
  std::vector<float> scales = {p.residual_scale()};
  for (const schema::Tensor* t : *p.tensors())
    if (t->scale() != 0) scales.push_back(t->scale());
  EXPECT_GT(*std::max_element(scales.begin(), scales.end()), 1e4f * p.residual_scale());
  for (const LayerError& layer : c.result.layers) EXPECT_GT(layer.sqnr_db, 25) << layer.name;
}

// A step makes one row, of which a view is read: by each kind of node that would else go on with
// the step's rows. Tiles run side by side, so it has to wait for them.
TEST(Lower, ViewsOfRowsThatTheStepMakesAreReadInTheNext) {
  using Reader = size_t (*)(LowerSketch&, size_t view);
  const std::pair<const char*, Reader> readers[] = {
      {"linear", [](LowerSketch& s, size_t view) { return s.linear("r", view, 8); }},
      {"layer_norm",
       [](LowerSketch& s, size_t view) { return s.linear("r", s.norm("n", view), 8); }},
      {"norm",
       [](LowerSketch& s, size_t view) {
         const size_t norm = s.add(
             "n", {view}, Norm{std::vector<float>(8, 1.5f), std::vector<float>(8, 0.1f), 1e-6f});
         return s.linear("r", norm, 8);
       }},
      {"column_affine",
       [](LowerSketch& s, size_t view) {
         const size_t affine = s.add(
             "a", {view}, ColumnAffine{std::vector<float>(8, 1.5f), std::vector<float>(8, 0.1f)});
         return s.linear("r", s.add("sum", {affine, s.linear("b", view, 8)}, Add{}), 8);
       }},
      {"add",
       [](LowerSketch& s, size_t view) {
         return s.linear("r", s.add("sum", {view, s.linear("b", view, 8)}, Add{}), 8);
       }},
      {"multiply",
       [](LowerSketch& s, size_t view) {
         return s.linear("r", s.add("product", {view, s.linear("b", view, 8)}, Multiply{}), 8);
       }},
  };
  for (const auto& [name, read] : readers)
    for (const bool static_scales : {false, true}) {
      SCOPED_TRACE(std::string(name) + (static_scales ? ", static" : ""));
      LowerSketch s;
      const size_t x = s.linear("x", s.pixels, 8);
      const size_t first = s.add("first", {x}, SelectRows{2, 1});
      const size_t sum =
          s.add("sum of the step", {first, s.linear("c", s.norm("m", first), 8)}, Add{});
      const size_t view = s.add("view", {sum}, SelectRows{0, 1});
      s.output("out", s.linear("head", read(s, view), 40), OutputKind::Features);
      const Converted c = converted(s.graph, static_scales);
      EXPECT_GT(c.sqnr_db[0], static_scales ? 25 : 30);
    }
}

// Two columns are a hundred times larger than the others and cancel in the mean. Neither the stream
// nor the norm after it may be rotated, so without smoothing int8 would have only two or three
// steps for the other columns.
TEST(Lower, ColumnsThatDifferAreSmoothed) {
  for (const bool normed : {false, true}) {
    LowerSketch s;
    const size_t x = s.linear("embed", s.pixels, 16);
    auto& embed = s.graph.nodes[x].as<Linear>();
    for (size_t k = 0; k < embed.weight.cols; ++k) {
      embed.weight.row(3)[k] *= 100;
      embed.weight.row(7)[k] = -embed.weight.row(3)[k];
    }
    embed.bias[7] = -embed.bias[3];
    ColumnAffine affine{std::vector<float>(16, 0.5f), std::vector<float>(16, 0.1f)};
    const size_t turned = s.add("turned", {s.add("affine", {x}, affine)}, Transpose{});
    const size_t rows = s.add("rows", {s.linear("mixing", turned, 16)}, Transpose{});
    const size_t read = normed ? s.add("n", {x}, LayerNorm{{}, {}, 1e-6f}) : x;
    const size_t hidden = s.linear("fc1", read, 32);
    auto& fc1 = s.graph.nodes[hidden].as<Linear>();
    for (size_t n = 0; n < 32; ++n)
      for (size_t k = 0; k < 16; ++k)
        fc1.weight.row(n)[k] *= k == 3 || k == 7 ? 0.01f : normed ? 30.0f : 1.0f;
    const size_t back = s.linear("fc2", s.add("gelu", {hidden}, Gelu{}), 8);
    s.output("logits", s.linear("head", back, 5), OutputKind::Features);
    s.output("rows", s.linear("tail", rows, 5), OutputKind::Features);
    const Converted c = converted(s.graph, false);
    // Without factors 11.5 and 24.1 dB, with them 41.8 and 31.5.
    EXPECT_GT(c.result.logit_sqnr_db, 29) << normed;
    const std::string quantisation =
        schema::GetProgram(c.result.file.data())->provenance()->quantisation()->c_str();
    EXPECT_NE(quantisation.find("in smoothed columns"), std::string::npos);
  }
}

TEST(Lower, FaultsNameTheFileAndTheLayer) {
  LowerSketch s;
  s.output("logits",
           s.linear("head", s.add("act", {s.norm("n", s.linear("a", s.pixels, 8))}, Gelu{}), 4),
           OutputKind::Features);
  Checkpoint checkpoint;
  checkpoint.path = "folder/weights.safetensors";
  try {
    convert(checkpoint, s.graph, Pictures(1, std::vector<uint8_t>(768)), ConvertOptions(), nullptr);
    FAIL() << "converted";
  } catch (const InputError& e) {
    EXPECT_EQ(std::string(e.what()).rfind("folder/weights.safetensors", 0), 0u) << e.what();
    EXPECT_NE(std::string(e.what()).find("act (gelu)"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace vitro
