// SPDX-License-Identifier: Apache-2.0
// What the builders of all families share: nodes whose constants are tensors of the checkpoint.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/nodes/node_type.h"
#include "models/config/picture.h"
#include "models/names/tensors.h"

namespace vitro::converter {

/// What stands between the linears of an MLP; each with the word by which settings name it.
enum class Activation {
  Gelu,       // gelu
  GeluTanh,   // gelu_tanh: by tanh in place of erf
  QuickGelu,  // quick_gelu: x / (1 + e^(-1.702 x))
  SwiGlu,     // swiglu: x / (1 + e^-x) of a gate, times another linear's outputs: the first half of
              // fc1's and the second; or those of `gate` and of fc1
};

/// Throws std::logic_error on another word.
Activation activation_of(const std::string& word);

/// Attention whose heads are mixed, before softmax, behind it, or both: talking heads
/// (arXiv 2003.02436), re-attention (arXiv 2103.11886).
struct HeadMixing {
  /// [heads, heads]: head g compares by the sum over h of scores[g][h] q_h k_h; empty: by its own.
  Matrix scores;
  Matrix weights;  // [heads, heads]: its weights are the sum over h of weights[g][h] softmax_h
  std::vector<float> shift;  // [heads]: and this is added to each of them
};

/// Rotary positions (arXiv 2104.09864), the same for all heads and blocks.
struct RotaryPositions {
  Matrix cosine, sine;       // [tokens, half of a head's channels]
  bool interleaved = false;  // the pairs are 2i and 2i + 1; else i and i + half
};

/// Of a grid of patches behind `prefix` tokens that are not rotated. Angles of patch (y, x):
/// y * frequency for each, then x * frequency.
struct RotaryGrid {
  size_t prefix = 0;
  std::vector<double> y, x;  // coordinates of the rows and of the columns
  std::vector<double> frequencies;
};
RotaryPositions rotary_positions(const RotaryGrid& grid);

struct EncoderBlock {
  size_t heads = 0, hidden = 0;  // hidden: columns that fc2 reads
  float epsilon = 0;             // of its LayerNorms
  bool layer_scale = false;
  const Matrix* bias = nullptr;  // of its attention's scores; null: none
  Activation activation = Activation::Gelu;
  size_t groups = 1;  // of its attention, as what follows
  const std::vector<uint8_t>* regions = nullptr;
  /// Where attention's rows are not the stream's: which of them each reads (GatherRows::kNoRow:
  /// zeros after the norm), and which of its rows each row of the stream gets.
  const std::vector<uint32_t>*windows = nullptr, *back = nullptr;
  const HeadMixing* mixing = nullptr;       // of its attention's heads; null: none
  const RotaryPositions* rotary = nullptr;  // of its queries and keys; null: none
  /// Its norms stand behind attention and MLP, before each sum, in place of before them.
  bool post_norm = false;
  /// Cosine attention: scores are the cosine of query and key times a factor, one for each head.
  /// Null: scalar products.
  const std::vector<float>* cosine = nullptr;
};

class GraphBuilder {
 public:
  explicit GraphBuilder(CheckedTensors& tensors) : tensors_(tensors) {}

 protected:
  /// The picture, with its usual preprocessing (config/picture.h).
  void set_picture(PixelSize size) { graph_.preprocessing = usual_preprocessing(size); }

  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph_, name, std::move(inputs), std::move(operation));
  }
  void output(size_t node, const std::string& name, OutputKind kind) {
    graph_.outputs.push_back({node, name, kind});
  }
  size_t cols(size_t node) const { return graph_.nodes[node].cols; }

  /// Zeros where the model has none.
  std::vector<float> bias(const std::string& name, size_t n);

  /// Nodes "pixels" and "patch_embed": a convolution whose kernel is `patch`, as its stride is
  /// where that is 0.
  size_t patch_embedding(size_t patch, size_t dim, size_t stride = 0);
  /// Node "tokens": a class token above the patches, with positions of both. Of the tensors
  /// cls_token [1, 1, width] and pos_embed [1, 1 + patches, width].
  size_t class_and_patches(size_t embedded, size_t patches);
  /// Of the class token's row, normed: logits by "head", or where there are no classes itself, as
  /// feature "class".
  void give_class(size_t row, size_t classes);

  /// Of the tensors `name`.weight [cols, columns of input] and `name`.bias. The last `zeros`
  /// columns of the input are zeros that the tensor does not know.
  size_t linear(const std::string& name, size_t input, size_t cols, size_t zeros = 0);
  /// Of the tensors `tensor`.weight and `tensor`.bias.
  size_t layer_norm(const std::string& name, const std::string& tensor, size_t input,
                    float epsilon);

  /// The same with gamma and beta of its own, for what is not read by linears alone. Of the tensors
  /// `name`.weight and `name`.bias.
  size_t norm(const std::string& name, size_t input, float epsilon);

  /// Of the tensors `name`.fc1 and `name`.fc2, to as many columns as the input has. epsilon: of
  /// the norm `name`.norm before fc2, which some gated ones have.
  size_t mlp(const std::string& name, size_t input, size_t hidden, Activation activation,
             float epsilon);

  /// Attention and MLP, each added to the stream; tensors and nodes
  /// `name`.norm1, .attn.q, .attn.k, .attn.v, .attn.proj, .norm2, .mlp.fc1, .mlp.fc2, and
  /// .ls1.gamma and .ls2.gamma where there is LayerScale, .attn.norm and .mlp.norm where
  /// attention's and a gated MLP's values are normed. Returns the stream.
  size_t encoder_block(const std::string& name, size_t stream, const EncoderBlock& block);

  /// Of the tensors `name`.q, .k and .v: attention of `rows`, which come of the stream.
  size_t self_attention(const std::string& name, size_t rows, size_t stream,
                        const EncoderBlock& block);

  /// One row, of the bias of a linear that multiplies nothing.
  size_t constant_row(const std::string& name, std::vector<float> values);

  /// SigLIP's: a learnt query attends to all rows of the input, and then x + mlp(norm(x)) of what
  /// it finds. Tensors and nodes `name`.latent, .attn.q, .attn.k, .attn.v (or .attn.kv: keys, then
  /// values), .attn.proj, .norm, .mlp.fc1, .mlp.fc2. Returns one row.
  size_t attention_pool(const std::string& name, size_t input, const EncoderBlock& block);

  /// x * scale after the latest node, a linear: that linear with its rows scaled.
  void scale_outputs(const std::vector<float>& scale);

  CheckedTensors& tensors_;
  Graph graph_;

 private:
  /// What queries, keys and values are made of: the norm, perhaps in another order.
  size_t attention_rows(const std::string& name, size_t stream, const EncoderBlock& block);
  /// With columns of zeros where the product is normed, so that it has a multiple of 4.
  size_t swiglu(const std::string& name, size_t input, size_t hidden);
  /// The first `width` columns normed, those that follow zeros before and after.
  size_t norm_of_first(const std::string& name, size_t input, size_t width, float epsilon);
  /// With `cols` outputs, the last of them zeros.
  size_t widened(size_t linear, size_t cols);
  /// Of consecutive rows of a tensor `tensor`.weight of `all` rows, and of its bias.
  struct RowsOf {
    std::string tensor;
    size_t first, count, all;
  };
  size_t linear_of_rows(const std::string& name, size_t input, const RowsOf& rows);
  size_t attend(const std::string& name, std::vector<size_t> qkv, const EncoderBlock& block);
  /// Queries or keys, from the linear that makes them.
  size_t rotated(size_t linear, const EncoderBlock& block);
  /// Of attention's values, where the model has it.
  size_t inner_norm(const std::string& name, size_t value, const EncoderBlock& block);
  /// mixed_heads.cpp.
  struct MixedAttention {
    size_t value;
    size_t keys, values;  // of one of the attentions that it is made of
  };
  MixedAttention attend_mixed(const std::string& name, size_t norm, const HeadMixing& mixing);
  size_t add_mean_of_values(const std::string& name, size_t stream, const MixedAttention& attention,
                            const EncoderBlock& block);
};

}  // namespace vitro::converter
