// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/fuse.h"

#include <algorithm>
#include <map>
#include <utility>

#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/fused_memory.h"

namespace vitro::converter {

namespace {

using schema::Format;
using schema::Storage;

constexpr char kRemedy[] = "vitro has no int8 form of such a model";

struct Reader {
  size_t node, input;
};

class Readers {
 public:
  explicit Readers(const Graph& graph) : graph_(graph), of_(graph.nodes.size()) {
    is_output_.assign(graph.nodes.size(), false);
    for (size_t i = 0; i < graph.nodes.size(); ++i)
      for (size_t k = 0; k < graph.nodes[i].inputs.size(); ++k)
        of_[graph.nodes[i].inputs[k]].push_back({i, k});
    rows_.assign(graph.nodes.size(), 0);
    for (const GraphOutput& output : graph.outputs) {
      is_output_[output.node] = true;
      rows_[output.node] = graph.nodes[output.node].rows;
    }
    for (size_t i = graph.nodes.size(); i-- > 0;) {
      const Node& node = graph.nodes[i];
      if (rows_[i] == 0) continue;
      for (size_t k = 0; k < node.inputs.size(); ++k) {
        size_t& rows = rows_[node.inputs[k]];
        rows = std::max(rows, type_of(node).rows_read(graph, node, k, rows_[i]));
      }
    }
  }

  const std::vector<Reader>& of(size_t node) const { return of_[node]; }
  bool is_output(size_t node) const { return is_output_[node]; }
  /// How many leading rows of its value anything needs; 0: nothing.
  size_t rows(size_t node) const { return rows_[node]; }
  /// The only node that reads it, once; kNone if there are several or it is an output.
  size_t only(size_t node) const {
    return of_[node].size() == 1 && !is_output_[node] ? of_[node][0].node : kNone;
  }
  /// The one that takes it in: of that kind, and nobody else reads the node.
  template <class Kind>
  bool only_is(size_t node) const {
    return only(node) != kNone && graph_.nodes[only(node)].is<Kind>();
  }

 private:
  const Graph& graph_;
  std::vector<std::vector<Reader>> of_;
  std::vector<bool> is_output_;
  std::vector<size_t> rows_;
};

class Fuser {
 public:
  Fuser(const Graph& graph, bool static_scales)
      : graph_(graph), readers_(graph), static_scales_(static_scales) {
    given_by_.assign(graph.nodes.size(), kNone);
    rows_given_by_.assign(graph.nodes.size(), kNone);
  }

  FusedGraph run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (readers_.rows(i) == 0 || given_by_[i] != kNone) continue;
      if (node(i).is<Linear>())
        linear(i);
      else
        other(i);
    }
    for (const GraphOutput& output : graph_.outputs)
      fused_.outputs.push_back(given_by_[output.node]);
    return std::move(fused_);
  }

 private:
  const Node& node(size_t i) const { return graph_.nodes[i]; }
  const NodeType& type(size_t i) const { return type_of(graph_.nodes[i]); }

  // The value to which linear layer i can add its outputs; kNone if there is none.
  size_t addend_of(size_t i) const {
    if (!readers_.only_is<Add>(i)) return kNone;
    const std::vector<size_t>& parts = node(readers_.only(i)).inputs;
    const size_t other = parts[0] == i ? parts[1] : parts[0];
    return other < i && has_stream_unit(graph_, other) ? other : kNone;
  }

  // Whether linear layer i may have int8 outputs with one scale for all rows.
  bool can_be_static(size_t i) const {
    if (readers_.is_output(i)) return false;
    if (readers_.only_is<Gelu>(i)) return rows_are_static(readers_.only(i));
    if (readers_.only_is<Add>(i)) return addend_of(i) != kNone;
    for (const Reader& reader : readers_.of(i))
      if (!node(reader.node).is<Attention>()) return false;
    return true;
  }

  // Whether int8 rows of value i have one scale: where all that reads them gives int8 as well.
  bool rows_are_static(size_t i) const {
    if (!static_scales_ || node(i).is<PatchRows>()) return false;
    for (const Reader& reader : readers_.of(i))
      if (form_read(reader) == Form::Rows &&
          !(node(reader.node).is<Linear>() && can_be_static(reader.node)))
        return false;
    return true;
  }

  Form form_read(const Reader& reader) const {
    return type(reader.node).reads(node(reader.node), reader.input);
  }

  // The forms that the readers of value i take, as bits.
  unsigned forms_wanted(size_t i) const {
    unsigned forms = readers_.is_output(i) ? bit(Form::Floats) : 0;
    for (const Reader& reader : readers_.of(i))
      if (readers_.rows(reader.node) > 0) forms |= bit(form_read(reader));
    return forms;
  }

  // The form of value i, written by what can write `forms`.
  Form form_written(size_t i, unsigned forms) const {
    const unsigned wanted = forms_wanted(i);
    for (const Form form :
         {Form::Rows, Form::Fixed, Form::Queries, Form::Keys, Form::Values, Form::Floats})
      if (wanted == bit(form) && (forms & bit(form))) return form;
    if ((wanted & ~(bit(Form::Rows) | bit(Form::Fixed))) || !(forms & bit(Form::Fixed)))
      refuse(i, "is read in a form in which no int8 operation writes it");
    return Form::Fixed;
  }

  static Format format_of(Form form, bool is_static) {
    switch (form) {
      case Form::Rows: return is_static ? Format::S8 : Format::RowS8;
      case Form::Fixed: return Format::S16;
      case Form::Queries: return Format::S8;
      case Form::Keys: return Format::Keys;
      case Form::Values: return Format::Values;
      case Form::Floats: break;
    }
    return Format::F32;
  }

  size_t source(size_t i, size_t input) const {
    const size_t from = node(i).inputs[input];
    return form_read({i, input}) == Form::Rows ? rows_given_by_[from] : given_by_[from];
  }

  [[noreturn]] void refuse(size_t i, const char* fault) const {
    throw NodeFault(node(i).name, std::string("(") + type(i).name + ") " + fault, kRemedy);
  }

  FusedNode make(size_t i) const {
    FusedNode f;
    f.node = f.value = i;
    f.name = node(i).name;
    f.rows = node(i).inputs.empty() ? node(i).rows : readers_.rows(i);  // of the picture all
    f.cols = node(i).cols;
    return f;
  }

  // Any node but a linear layer.
  void other(size_t i) {
    if (type(i).writes == 0) refuse(i, "does not follow linear layers that nothing else reads");
    const bool step_is_begun = node(i).is<Attention>() && make_waiting_queries(i);
    FusedNode f = make(i);
    for (size_t k = 0; k < node(i).inputs.size(); ++k) f.inputs.push_back(source(i, k));
    const Form form = form_written(i, type(i).writes);
    f.is_static = form == Form::Rows && rows_are_static(i);
    f.format = format_of(form, f.is_static);
    give(std::move(f), step_is_begun);
  }

  void linear(size_t i) {
    const size_t from = source(i, 0);
    size_t rows = readers_.rows(i);
    if (rows < fused_.nodes[from].rows) {
      if (!is_repeatable(from)) {
        rows = fused_.nodes[from].rows;
      } else if (readers_.only_is<Attention>(i) && readers_.of(i)[0].input == 0) {
        waiting_queries_.emplace(readers_.only(i), i);
        return;
      } else {
        return linear(i, repeat(from, rows, node(i).name), rows);
      }
    }
    linear(i, from, rows);
  }

  // Int8 rows that are made of int16 ones in the arena, by one pass over them.
  bool is_repeatable(size_t f) const {
    const FusedNode& n = fused_.nodes[f];
    return (n.is_conversion || node(n.node).is<LayerNorm>()) &&
           has_stream_unit(graph_, fused_.nodes[n.inputs[0]].value);
  }

  // The leading ones of int8 rows again, in a new step.
  size_t repeat(size_t f, size_t rows, const std::string& step) {
    FusedNode again = fused_.nodes[f];
    again.name += ".leading";
    again.rows = rows;
    begin_step(step, rows, false);
    return append(std::move(again), true);
  }

  // Queries that are fewer than the keys are made in the attention's step, whose rows they share.
  bool make_waiting_queries(size_t attention) {
    const auto query = waiting_queries_.find(attention);
    if (query == waiting_queries_.end()) return false;
    const size_t i = query->second, rows = readers_.rows(i);
    linear(i, repeat(source(i, 0), rows, node(attention).name), rows);
    return true;
  }

  void linear(size_t i, size_t from, size_t rows) {
    FusedNode f = make(i);
    f.inputs = {from};
    f.rows = rows;
    f.is_static = fused_.nodes[from].format == Format::S8;
    const size_t reader = readers_.only(i), addend = addend_of(i);
    if (f.is_static && addend != kNone) return static_sum(std::move(f), reader, addend);
    if (f.is_static && readers_.only_is<Gelu>(i)) return static_gelu(std::move(f), reader);
    unsigned forms = type(i).writes;
    if (addend != kNone) {
      f.epilogue = Epilogue::Add;
      f.inputs.push_back(given_by_[addend]);
    } else if (readers_.only_is<Gelu>(i)) {
      f.epilogue = Epilogue::Gelu;
    } else if (readers_.only_is<Tokens>(i)) {
      f.epilogue = Epilogue::Tokens;
    } else if (readers_.only_is<Average>(i)) {
      take_in_average(f, reader);
    }
    if (f.epilogue != Epilogue::None && f.epilogue != Epilogue::Half) {
      f.value = reader;
      forms = bit(f.epilogue == Epilogue::Average ? Form::Floats : Form::Fixed);
    }
    f.format = format_of(form_written(f.value, forms), f.is_static);
    give(std::move(f));
  }

  // Both parts of an Average are linear layers that nothing else reads; the later one adds.
  void take_in_average(FusedNode& f, size_t average) const {
    const std::vector<size_t>& parts = node(average).inputs;
    const size_t other = parts[0] == f.node ? parts[1] : parts[0];
    if (!node(other).is<Linear>() || !readers_.only_is<Average>(other)) return;
    f.epilogue = other < f.node ? Epilogue::Average : Epilogue::Half;
    if (f.epilogue == Epilogue::Average) f.inputs.push_back(given_by_[other]);
  }

  // int8 outputs, and an operation that adds them to the stream.
  void static_sum(FusedNode f, size_t add, size_t addend) {
    f.format = Format::S8;
    FusedNode sum = make(add);
    sum.name = f.name + ".add";
    sum.is_static = true;
    sum.inputs = {given_by_[addend], append(std::move(f))};
    give(std::move(sum));
  }

  // int8 outputs, and a table from them to int8.
  void static_gelu(FusedNode f, size_t gelu) {
    f.format = Format::S8;
    FusedNode table = make(gelu);
    table.rows = f.rows;
    table.is_static = true;
    table.format = Format::S8;
    table.inputs = {append(std::move(f))};
    give(std::move(table));
  }

  // Appends what gives a value, and the conversion for those readers that take int8 rows of it.
  void give(FusedNode f, bool step_is_begun = false) {
    const size_t value = f.value, last = f.node;
    given_by_[last] = given_by_[value] = append(std::move(f), step_is_begun);
    if (node(value).is<Tokens>() && node(value).as<Tokens>().prefix.rows > 0) give_prefix(value);
    const size_t given = rows_given_by_[value] = given_by_[value];
    if (fused_.nodes[given].format != Format::S16 || !(forms_wanted(value) & bit(Form::Rows)))
      return;
    FusedNode rows = make(value);
    rows.inputs = {given};
    rows.is_conversion = true;
    rows.is_static = rows_are_static(value);
    rows.format = format_of(Form::Rows, rows.is_static);
    rows.rows = 0;
    for (const Reader& reader : readers_.of(value))
      if (form_read(reader) == Form::Rows) rows.rows = std::max(rows.rows, rows_read(reader));
    rows_given_by_[value] = append(std::move(rows));
  }

  size_t rows_read(const Reader& reader) const {
    return type(reader.node)
        .rows_read(graph_, node(reader.node), reader.input, readers_.rows(reader.node));
  }

  // Class tokens and registers go before the patches.
  void give_prefix(size_t tokens) {
    FusedNode f = make(tokens);
    f.inputs = {given_by_[tokens]};
    f.rows = node(tokens).as<Tokens>().prefix.rows;
    given_by_[tokens] = append(std::move(f));
  }

  void begin_step(const std::string& name, size_t rows, bool with_norm) {
    fused_.steps.push_back({name, rows});
    step_began_with_norm_ = with_norm;
  }

  size_t append(FusedNode f, bool step_is_begun = false) {
    const NodeType& t = type(f.node);
    if (!f.is_conversion && !(f.is_static ? t.lower_static : t.lower))
      refuse(f.node, "stands where no int8 operation computes it");
    const bool is_rows_of_another = !f.is_conversion && node(f.node).is<SelectRows>();
    if (!is_rows_of_another) {
      if (!step_is_begun && begins_step(f))
        begin_step(step_name(f), f.rows, !f.is_conversion && node(f.node).is<LayerNorm>());
      f.step = fused_.steps.size() - 1;
    }
    fused_.nodes.push_back(std::move(f));
    return fused_.nodes.size() - 1;
  }

  bool begins_step(const FusedNode& f) const {
    if (fused_.steps.empty() || fused_.steps.back().rows != f.rows) return true;
    if (f.is_conversion) return false;
    if (!node(f.node).is<LayerNorm>()) return type(f.node).begins_step;
    // A norm goes on with the rows that the step has just made, so that threads meet once less. Not
    // after attention: other tiles still read keys and values, which the norm's readers may write.
    // What is pooled has a step of its own.
    return !step_began_with_norm_ || fused_.nodes[f.inputs[0]].step != fused_.steps.size() - 1 ||
           f.format == Format::S16;
  }

  std::string step_name(const FusedNode& f) const {
    if (f.is_conversion) return f.name;
    if (node(f.node).is<Tokens>()) return "prefix";
    if (node(f.node).is<PatchRows>() && readers_.only(f.node) != kNone)
      return node(readers_.only(f.node)).name;
    return f.name;
  }

  const Graph& graph_;
  const Readers readers_;
  const bool static_scales_;
  FusedGraph fused_;
  std::vector<size_t> given_by_,              // by node of the float graph: what gives its value
      rows_given_by_;                         // and what gives int8 rows of it
  std::map<size_t, size_t> waiting_queries_;  // linear layers, by the attention that reads them
  bool step_began_with_norm_ = false;
};

}  // namespace

FusedGraph fuse(const Graph& graph, bool static_scales) {
  FusedGraph fused = Fuser(graph, static_scales).run();
  settle_memory(graph, fused);
  return fused;
}

}  // namespace vitro::converter
