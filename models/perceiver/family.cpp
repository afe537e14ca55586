// SPDX-License-Identifier: Apache-2.0
// Perceiver (arXiv 2103.03206; IO: 2107.14795) that classifies pictures: learned latents attend to
// all pixels once, then to one another in blocks that are run several times with the same weights;
// a learned query attends to them for the classes.
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/builder.h"
#include "models/config/agreement.h"
#include "models/perceiver/names.h"
#include "models/perceiver/positions.h"
#include "runtime/kernels/kernels.h"

namespace vitro::converter::perceiver {
namespace {

using Views = std::map<std::string, TensorView>;

constexpr size_t kMostPixels = 65536;  // keys of the runtime's attention
constexpr float kEpsilon = 1e-5f;      // whatever layer_norm_eps says

struct Perceiver {
  PixelSize image;
  size_t latents = 0, width = 0;
  size_t blocks = 0, repeats = 0;  // blocks of own weights; how often each is run
  size_t heads = 0, cross_heads = 0;
  size_t hidden = 0;
  size_t inputs = 0;     // columns of a pixel with its position
  size_t channels = 0;   // of them, of the pixel
  bool learned = false;  // the positions; else Fourier features
  size_t classes = 0;
  Activation activation = Activation::Gelu;

  size_t pixels() const { return image.width * image.height; }
};

class Builder : public GraphBuilder {
 public:
  Builder(CheckedTensors& tensors, const Perceiver& model, float epsilon)
      : GraphBuilder(tensors), model_(model), epsilon_(epsilon) {}

  Graph build() {
    set_picture(model_.image);
    size_t stream = read_picture(pixels());
    for (size_t i = 0; i < model_.blocks * model_.repeats; ++i)
      stream = block("blocks." + std::to_string(i), stream);
    output(linear("head", decode(stream), model_.classes), "logits", OutputKind::Logits);
    return std::move(graph_);
  }

 private:
  // Side by side, the pixel and its position: a linear with rows of zeros, and constants.
  size_t pixels() {
    const size_t channels = model_.channels, all = model_.inputs;
    Linear pixel{Matrix(all, 3), std::vector<float>(all)};
    if (model_.learned) {
      std::copy_n(tensors_.take("inputs.pixels.weight", {channels, 3, 1, 1}), channels * 3,
                  pixel.weight.data.begin());
      const std::vector<float> shift = bias("inputs.pixels.bias", channels);
      std::copy(shift.begin(), shift.end(), pixel.bias.begin());
    } else {
      for (size_t c = 0; c < 3; ++c) pixel.weight.row(c)[c] = 1;
    }
    const size_t rows = add("pixels", {}, PatchRows{1, 1}),
                 embedded = add("inputs", {rows}, std::move(pixel));
    Matrix positions(model_.pixels(), all);
    if (model_.learned)
      write_learned(positions);
    else
      write_fourier_positions(model_.image, model_.channels, positions);
    return add("inputs.positioned", {embedded}, Tokens{Matrix(0, all), std::move(positions)});
  }

  void write_learned(Matrix& positions) {
    const size_t wide = model_.inputs - model_.channels,
                 own = tensors_.shape("inputs.positions", 2)[1];
    const float* table = tensors_.take("inputs.positions", {model_.pixels(), own});
    const float* weight = tensors_.take("inputs.projection.weight", {wide, own});
    const std::vector<float> shift = bias("inputs.projection.bias", wide);
    for (size_t p = 0; p < positions.rows; ++p)
      for (size_t n = 0; n < wide; ++n) {
        double sum = static_cast<double>(shift[n]);
        for (size_t k = 0; k < own; ++k)
          sum += static_cast<double>(weight[n * own + k]) * static_cast<double>(table[p * own + k]);
        positions.row(p)[model_.channels + n] = static_cast<float>(sum);
      }
  }

  // What is read of the pixels comes first, so that it is made of each tile of them at once.
  size_t read_picture(size_t inputs) {
    const size_t read = layer_norm("cross.read", "cross.read", inputs, epsilon_);
    const KeysAndValues of_pixels = keys_and_values("cross.attn", read);
    Matrix rows(model_.latents, model_.width);
    std::copy_n(tensors_.take("latents", {model_.latents, model_.width}), rows.data.size(),
                rows.data.begin());
    const size_t latents = add("latents", {}, Constant{std::move(rows)}),
                 queries = layer_norm("cross.norm1", "cross.norm1", latents, epsilon_);
    return rest_of_block("cross", latents,
                         attend("cross.attn", queries, of_pixels, model_.cross_heads));
  }

  size_t block(const std::string& name, size_t stream) {
    const size_t rows = layer_norm(name + ".norm1", name + ".norm1", stream, epsilon_);
    const KeysAndValues of_latents = keys_and_values(name + ".attn", rows);
    return rest_of_block(name, stream, attend(name + ".attn", rows, of_latents, model_.heads));
  }

  struct KeysAndValues {
    size_t keys, values;
  };

  KeysAndValues keys_and_values(const std::string& name, size_t read) {
    const size_t keys = linear(name + ".k", read, tensors_.shape(name + ".k.weight", 2)[0]),
                 values = linear(name + ".v", read, tensors_.shape(name + ".v.weight", 2)[0]);
    return {keys, values};
  }

  size_t attend(const std::string& name, size_t queries, KeysAndValues of, size_t heads) {
    const size_t compared = tensors_.shape(name + ".k.weight", 2)[0], head_dim = compared / heads,
                 q = linear(name + ".q", queries, compared);
    Attention attention;
    attention.heads = heads;
    attention.scale = 1 / std::sqrt(static_cast<float>(head_dim));
    return add(name + ".attention", {q, of.keys, of.values}, attention);
  }

  size_t rest_of_block(const std::string& name, size_t stream, size_t attention) {
    const size_t proj = linear(name + ".attn.proj", attention, model_.width);
    return mlp_of(name, add(name + ".attn.residual", {stream, proj}, Add{}));
  }

  size_t mlp_of(const std::string& name, size_t middle) {
    const size_t normed = layer_norm(name + ".norm2", name + ".norm2", middle, epsilon_),
                 hidden = tensors_.shape(name + ".mlp.fc1.weight", 2)[0],
                 fc2 = mlp(name + ".mlp", normed, hidden, model_.activation, epsilon_);
    return add(name + ".mlp.residual", {middle, fc2}, Add{});
  }

  // One head over all columns, which may be more than attention takes. Of a constant query the
  // scores are one product of each row with one vector; values go by parts, each a head with the
  // same scores.
  size_t decode(size_t stream) {
    const std::string attn = "decoder.attn";
    const size_t width = model_.width,
                 read = layer_norm("decoder.read", "decoder.read", stream, epsilon_),
                 averaged = tensors_.shape(attn + ".v.weight", 2)[0];
    size_t parts = 1;
    while (averaged % parts != 0 || averaged / parts > kLargestHead) ++parts;
    const float* query = tensors_.take("decoder.query", {1, width});
    const std::vector<float> scores = scores_of(query);
    Matrix keys(kKeyColumns * parts, width);
    std::vector<float> ones(keys.rows);
    for (size_t p = 0; p < parts; ++p) {
      std::copy(scores.begin(), scores.end(), keys.row(kKeyColumns * p));
      ones[kKeyColumns * p] = 1;
    }
    Attention attention;
    attention.heads = parts;
    attention.scale = 1;
    const size_t q = constant_row(attn + ".q", std::move(ones)),
                 k = add(attn + ".k", {read}, Linear{keys, std::vector<float>(keys.rows)}),
                 v = linear(attn + ".v", read, averaged),
                 found = add(attn + ".attention", {q, k, v}, attention),
                 proj = linear(attn + ".proj", found, width);
    auto& residual = graph_.nodes[proj].as<Linear>().bias;
    for (size_t c = 0; c < width; ++c) residual[c] += query[c];
    return mlp_of("decoder", proj);
  }

  // norm(query) Wq^T + bq, times Wk, over the root of its length. What the keys' bias adds is the
  // same for all of them.
  std::vector<float> scores_of(const float* query) {
    const std::string attn = "decoder.attn";
    const size_t width = model_.width, compared = tensors_.shape(attn + ".q.weight", 2)[0];
    const std::vector<float> gamma = tensors_.vector("decoder.norm1.weight", width),
                             beta = bias("decoder.norm1.bias", width),
                             shift = bias(attn + ".q.bias", compared);
    const float* wq = tensors_.take(attn + ".q.weight", {compared, width});
    const float* wk = tensors_.take(attn + ".k.weight", {compared, width});
    bias(attn + ".k.bias", compared);
    double mean = 0, variance = 0;
    for (size_t c = 0; c < width; ++c) mean += static_cast<double>(query[c]);
    mean /= static_cast<double>(width);
    for (size_t c = 0; c < width; ++c)
      variance += std::pow(static_cast<double>(query[c]) - mean, 2);
    const double deviation =
        std::sqrt(variance / static_cast<double>(width) + static_cast<double>(epsilon_));
    std::vector<double> sums(width);
    for (size_t n = 0; n < compared; ++n) {
      double q = static_cast<double>(shift[n]);
      for (size_t c = 0; c < width; ++c)
        q += static_cast<double>(wq[n * width + c]) *
             ((static_cast<double>(query[c]) - mean) / deviation * static_cast<double>(gamma[c]) +
              static_cast<double>(beta[c]));
      for (size_t c = 0; c < width; ++c) sums[c] += q * static_cast<double>(wk[n * width + c]);
    }
    std::vector<float> out;
    out.reserve(width);
    for (const double sum : sums)
      out.push_back(static_cast<float>(sum / std::sqrt(static_cast<double>(compared))));
    return out;
  }

  static constexpr size_t kKeyColumns = 4;  // of a head, the fewest that attention takes

  const Perceiver& model_;
  const float epsilon_;
};

// The blocks of latents, once for each time that they are run.
void repeat_blocks(Views& views, size_t blocks, size_t repeats) {
  const Views once = views;
  for (const auto& [name, view] : once) {
    const int block = block_number(name);
    if (block < 0) continue;
    const std::string rest = name.substr(name.find('.', 7));
    for (size_t r = 1; r < repeats; ++r)
      views["blocks." + std::to_string(r * blocks + static_cast<size_t>(block)) + rest] = view;
  }
}

void check_heads(const CheckedTensors& tensors, const std::string& name, size_t heads) {
  for (const char* part : {".q.weight", ".v.weight"}) {
    const size_t columns = tensors.shape(name + part, 2)[0];
    if (columns % heads != 0)
      tensors.refuse(name + part + " has " + std::to_string(columns) +
                         " rows, which do not divide into " + std::to_string(heads) + " heads",
                     "give the config.json that was saved with the weights");
    if (columns / heads > kLargestHead)
      tensors.refuse("its heads of " + std::to_string(columns / heads) +
                         " channels are wider than the " + std::to_string(kLargestHead) +
                         " that attention takes",
                     "give the config.json that was saved with the weights");
  }
}

void deduce_inputs(const CheckedTensors& tensors, const Said<PixelSize>& image, Perceiver& m) {
  m.inputs = tensors.shape("cross.attn.k.weight", 2)[1];
  m.learned = tensors.has("inputs.positions");
  if (tensors.has("inputs.conv.weight"))
    tensors.refuse(
        "its pixels go through a convolution of 7 x 7 with pooling, which vitro does not compute",
        "give a Perceiver by learned or by Fourier positions of its pixels");
  m.image = image.value;
  if (!m.learned) {
    m.channels = 3;
    constexpr size_t kAll = 3 + kFourierColumns;
    if (m.inputs != kAll)
      tensors.refuse("its keys are of " + std::to_string(m.inputs) + " numbers a pixel and not " +
                         std::to_string(kAll) + ", as with transformers' Fourier positions",
                     "give a model of transformers' PerceiverForImageClassificationFourier");
    return;
  }
  m.channels = tensors.shape("inputs.pixels.weight", 4)[0];
  if (m.channels >= m.inputs)
    tensors.refuse("its pixels have as many channels as what the keys read, without positions");
  const size_t positions = tensors.shape("inputs.positions", 2)[0];
  const auto side = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(positions))));
  if (side * side != positions)
    tensors.refuse("its " + std::to_string(positions) +
                       " positions are not those of a square "
                       "picture",
                   "give a model of square pictures");
  m.image = {side, side};
}

Perceiver deduce(const CheckedTensors& tensors, const Said<PixelSize>& image) {
  Perceiver m;
  const std::vector<size_t>& latents = tensors.shape("latents", 2);
  m.latents = latents[0], m.width = latents[1];
  m.blocks = tensors.blocks();
  m.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  m.classes = tensors.shape("head.weight", 2)[0];
  if (m.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(m.width) + " is not a multiple of 4");
  deduce_inputs(tensors, image, m);
  tensors.check_size("its width", m.width, kLargestWidth);
  tensors.check_size("its MLP's width", m.hidden, kLargestInput);
  tensors.check_size("the number of its pixels,", m.pixels(), kMostPixels);
  return m;
}

ModelShapes shapes_of(const Perceiver& m) {
  ModelShapes out;
  if (m.learned) out.image_size = {m.image, "the picture's side by the positions", false};
  out.width = {m.width, "the width of the latents", false};
  out.blocks = {m.blocks, "the number of self_attends", false};
  out.classes = {m.classes, "the number of rows of the head", false};
  return out;
}

struct Repetition {
  Said<size_t> repeats, heads, cross_heads;
};

// Where there is a config.json, transformers' defaults hold for what it does not say.
Repetition said_of(const Checkpoint& checkpoint, const FamilyOptions& options,
                   const NamedValues& saved) {
  const bool config = !options.config_path.empty();
  const auto settled = [&](const char* name, const Said<size_t>& by_config,
                           const Said<size_t>& otherwise) {
    const Said<size_t> said = settle(whole_value(options.given, name, 1, 1024), by_config,
                                     whole_value(saved, name, 1, 1024));
    return said ? said : otherwise;
  };
  const auto by_default = [](size_t value, const char* key) {
    return Said<size_t>{value, std::string("assumed: transformers' default of ") + key, true};
  };
  Said<size_t> heads = options.config.heads;
  if (heads.assumed) heads = {};
  Repetition out;
  out.heads = settled("heads", heads, by_default(8, "num_self_attention_heads"));
  out.cross_heads = settled("cross_heads", options.config.cross_heads,
                            config ? by_default(8, "num_cross_attention_heads")
                                   : Said<size_t>{1, "assumed: that of the released models", true});
  out.repeats = settled("repeats", options.config.repeats,
                        config ? by_default(1, "num_blocks") : Said<size_t>{});
  if (!out.repeats)
    throw InputError(checkpoint.path,
                     "does not say how often its blocks are run, which no tensor tells",
                     "give the model's config.json (num_blocks), or --set repeats=8 as released");
  return out;
}

Said<PixelSize> picture_of(const FamilyOptions& options) {
  if (options.adapters.image_size != PixelSize{})
    return {options.adapters.image_size, "--image-size", false};
  if (options.config.image_size) return options.config.image_size;
  return {{224, 224}, "assumed: that of the released models", true};
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "Perceiver");
  FamilyModel& model = start.model;
  start.refuse_adapters();
  const Repetition said = said_of(checkpoint, options, start.saved);
  const Said<PixelSize> image = picture_of(options);
  Perceiver found = deduce(CheckedTensors(checkpoint.path, naming(), start.views), image);
  if (found.learned) start.refuse_image_size("Perceiver by learned positions");
  found.repeats = said.repeats.value;
  found.heads = said.heads.value, found.cross_heads = said.cross_heads.value;
  const Said<std::string> activation = start.activation();
  found.activation = activation_of(activation.value);
  repeat_blocks(start.views, found.blocks, found.repeats);
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  check_heads(tensors, "cross.attn", found.cross_heads);
  check_heads(tensors, "blocks.0.attn", found.heads);
  model.graph = Builder(tensors, found, kEpsilon).build();
  tensors.refuse_untaken();
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(found));

  model.show(shapes_of(found));
  if (!found.learned)
    model.show("image_size", {setting_of(found.image), image.source, image.assumed});
  model.show("positions", {found.learned ? "learned" : "Fourier features", "names of the tensors"});
  model.show("latents", {std::to_string(found.latents), "shapes: the rows of the latents"});
  model.keep("repeats", said.repeats);
  model.keep("heads", said.heads);
  model.keep("cross_heads", said.cross_heads);
  model.show("activation", activation);
  model.image_size_from = found.learned ? "by its positions" : "by " + image.source;
  return std::move(model);
}

TimmArchitecture timm_perceiver(const std::string&) { return {}; }

}  // namespace

const Family& family() {
  static const Family family{
      "perceiver",
      "Perceiver that classifies pictures, by learned or by Fourier positions",
      {{"repeats", "how often the blocks of latents are run"},
       {"heads", "heads of the latents' attention to one another"},
       {"cross_heads", "heads of their attention to the picture"}},
      {{"perceiver", "Perceiver", kEpsilon, "", false, "PerceiverImageProcessor"}},
      timm_perceiver,
      "",
      naming,
      build};
  return family;
}

}  // namespace vitro::converter::perceiver
