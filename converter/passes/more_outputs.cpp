// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/more_outputs.h"

#include <algorithm>
#include <set>
#include <utility>

#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

constexpr char kAttention[] = "attention";
constexpr size_t kMostBlocks = 10000;

class Builder {
 public:
  explicit Builder(Graph graph) : graph_(std::move(graph)), readers_(readers_of(graph_)) {}

  void add_features() {
    const std::vector<size_t> read = read_by_classifier();
    for (size_t i = 0; i < read.size(); ++i)
      give(identity_of(read[i], ".features"), i == 0 ? "features" : "features_2");
  }

  void add_patches() {
    const size_t read = read_by_classifier().front();
    give(identity_of(patches_behind(read), ".patches"), "patches");
  }

  void add_parts() {
    for (size_t i = 0; i < readers_.size(); ++i)
      if (node(i).is<ArgMax>()) return give(i, "parts");
    refuse("parts", "is asked for, and the model picks none");
  }

  void add_attention(const MoreOutputs& outputs) {
    std::vector<size_t> nodes;
    for (size_t i = 0; i < readers_.size(); ++i)
      if (node(i).is<Attention>()) nodes.push_back(i);
    if (nodes.empty()) refuse("attention", "is asked for, and the model has none");
    std::set<size_t> chosen(outputs.attention.begin(), outputs.attention.end());
    for (size_t i = 0; outputs.all_attention && i < nodes.size(); ++i) chosen.insert(i);
    if (*chosen.rbegin() >= nodes.size())
      refuse("attention " + std::to_string(*chosen.rbegin()),
             "is not there: the model has " + std::to_string(nodes.size()) + ", from 0 on");
    for (const size_t i : chosen) add_attention_of(nodes[i]);
  }

  Graph take() { return std::move(graph_); }

 private:
  const Node& node(size_t i) const { return graph_.nodes[i]; }

  [[noreturn]] static void refuse(const std::string& layer, const std::string& fault) {
    throw NodeFault(layer, fault, "leave this output out (--also)");
  }

  void give(size_t i, const std::string& name) {
    graph_.outputs.push_back({i, name, OutputKind::Features});
  }

  // What the linear layers read that make the logits.
  std::vector<size_t> read_by_classifier() const {
    const GraphOutput& logits = graph_.outputs.front();
    if (logits.kind != OutputKind::Logits)
      refuse("'" + logits.name + "'",
             "is the first output: without a classifier there are no others");
    std::vector<size_t> heads = {logits.node};
    if (node(logits.node).is<Average>()) heads = node(logits.node).inputs;
    for (size_t& head : heads) {
      if (!node(head).is<Linear>()) refuse(node(head).name, "is no linear layer that classifies");
      head = node(head).inputs[0];
    }
    return heads;
  }

  size_t identity_of(size_t i, const std::string& suffix) {
    const size_t n = node(i).cols;
    Linear linear{Matrix(n, n), std::vector<float>(n)};
    for (size_t c = 0; c < n; ++c) linear.weight.row(c)[c] = 1;
    return add_node(graph_, node(i).name + suffix, {i}, std::move(linear));
  }

  size_t rows_of(size_t i, size_t first, size_t count) {
    return add_node(graph_, node(i).name + ".patch_rows", {i}, SelectRows{first, count});
  }

  // Behind a mean the rows that it is of, behind one row of a map all of that.
  size_t patches_behind(size_t read) {
    if (node(read).is<MeanRows>()) return averaged_by(read);
    if (node(read).is<LayerNorm>()) {
      const size_t from = node(read).inputs[0];
      if (node(from).is<MeanRows>()) return averaged_by(from);
      if (node(from).is<SelectRows>() && node(node(from).inputs[0]).grid) {
        const size_t stream = node(from).inputs[0];
        const Grid grid = *node(stream).grid;
        const size_t rows = rows_of(stream, grid.first_row, grid.height * grid.width);
        return add_node(graph_, node(read).name + ".of_patches", {rows}, node(read).operation);
      }
    }
    refuse(node(read).name, "is read by the classifier, and is not made of patches");
  }

  size_t averaged_by(size_t mean) {
    const size_t from = node(mean).inputs[0], first = node(mean).as<MeanRows>().first_row;
    return rows_of(from, first, node(from).rows - first);
  }

  void add_attention_of(size_t i) {
    const Attention attention = node(i).as<Attention>();
    if (attention.groups != 1 || !attention.regions.empty())
      refuse(node(i).name, "is within windows, of which there is no map");
    if (attention.bias.rows > 0)
      refuse(node(i).name, "adds a bias to its scores, which a map would leave out");
    const char* const names[] = {".q", ".k"};
    for (size_t input = 0; input < 2; ++input) {
      std::set<size_t> copied = {i};
      size_t made = copy_of(node(i).inputs[input], copied);
      if (made == node(i).inputs[input])
        refuse(node(i).name, "compares what other layers read as well");
      if (!node(made).is<Linear>()) made = identity_of(made, ".read_out");
      if (input == 0) scale_value(made, attention.scale);
      give(made, node(i).name + names[input]);
    }
  }

  // A node of the same value, where all its readers are in `readers`: its inputs likewise.
  size_t copy_of(size_t i, std::set<size_t>& readers) {
    const auto is_among = [&](size_t reader) { return readers.count(reader) > 0; };
    if (node(i).inputs.empty() || !std::all_of(readers_[i].begin(), readers_[i].end(), is_among))
      return i;
    readers.insert(i);
    std::vector<size_t> inputs = node(i).inputs;
    for (size_t& input : inputs) input = copy_of(input, readers);
    return add_node(graph_, node(i).name + ".shown", std::move(inputs),
                    Operation(node(i).operation));
  }

  void scale_value(size_t linear, float factor) {
    auto& parameters = graph_.nodes[linear].as<Linear>();
    for (float& w : parameters.weight.data) w *= factor;
    for (float& b : parameters.bias) b *= factor;
  }

  Graph graph_;
  const std::vector<std::vector<size_t>> readers_;  // of the nodes that were there before
};

}  // namespace

std::string MoreOutputs::text() const {
  std::string out;
  const auto add = [&out](const std::string& word) { out += (out.empty() ? "" : ",") + word; };
  if (features) add("features");
  if (patches) add("patches");
  if (parts) add("parts");
  if (all_attention) add(kAttention);
  for (const size_t i : attention) add(std::string(kAttention) + "=" + std::to_string(i));
  return out;
}

bool parse(const std::string& word, MoreOutputs& outputs) {
  const std::string numbered = std::string(kAttention) + "=";
  if (word == "features") return outputs.features = true;
  if (word == "patches") return outputs.patches = true;
  if (word == "parts") return outputs.parts = true;
  if (word == kAttention) return outputs.all_attention = true;
  if (word.compare(0, numbered.size(), numbered) != 0) return false;
  const std::string number = word.substr(numbered.size());
  if (number.empty() || number.size() > 5 ||
      !std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return false;
  const size_t block = std::stoul(number);
  if (block >= kMostBlocks) return false;
  if (std::find(outputs.attention.begin(), outputs.attention.end(), block) ==
      outputs.attention.end())
    outputs.attention.push_back(block);
  return true;
}

Graph with_more_outputs(Graph graph, const MoreOutputs& outputs) {
  if (outputs.empty()) return graph;
  Builder builder(std::move(graph));
  if (outputs.features) builder.add_features();
  if (outputs.patches) builder.add_patches();
  if (outputs.parts) builder.add_parts();
  if (outputs.all_attention || !outputs.attention.empty()) builder.add_attention(outputs);
  return builder.take();
}

}  // namespace vitro::converter
