// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/fuse.h"

#include <algorithm>
#include <map>
#include <utility>

#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/fused_memory.h"
#include "converter/passes/readers.h"

namespace vitro::converter {

namespace {

using schema::Format;
using schema::Storage;

constexpr char kRemedy[] = "vitro has no int8 form of such a model";

class Fuser {
 public:
  Fuser(const Graph& graph, bool static_scales, std::vector<bool> begins_unit)
      : graph_(graph),
        readers_(graph),
        static_scales_(static_scales),
        begins_unit_(std::move(begins_unit)) {
    begins_unit_.resize(graph.nodes.size());
    given_by_.assign(graph.nodes.size(), kNone);
    rows_given_by_.assign(graph.nodes.size(), kNone);
  }

  FusedGraph run() {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (readers_.rows(i) == 0 || given_by_[i] != kNone) continue;
      if (type(i).takes_in != 0)
        with_epilogue(i);
      else
        without_epilogue(i);
    }
    for (const GraphOutput& output : graph_.outputs)
      fused_.outputs.push_back(given_by_[output.node]);
    return std::move(fused_);
  }

 private:
  const Node& node(size_t i) const { return graph_.nodes[i]; }
  const NodeType& type(size_t i) const { return type_of(graph_.nodes[i]); }

  // What the operation of node i computes beside it: the node that alone reads it, or its part of
  // that one.
  struct TakenIn {
    Epilogue epilogue = Epilogue::None;
    size_t node = kNone;    // whose value it gives; none: its own
    size_t addend = kNone;  // what is added to
  };

  TakenIn taken_in(size_t i) const {
    const size_t reader = readers_.only(i);
    if (reader == kNone) return {};
    const EpilogueRule& rule = type(reader).epilogue;
    if (!(type(i).takes_in & bit(rule.epilogue))) return {};
    const std::vector<size_t>& parts = node(reader).inputs;
    if (parts.size() == 1) return {rule.epilogue, reader, kNone};
    const size_t other = parts[0] == i ? parts[1] : parts[0];
    if (rule.first_part == Epilogue::None) {
      if (other > i || !has_stream_unit(graph_, other)) return {};
    } else if (readers_.only(other) != reader || !(type(other).takes_in & bit(rule.epilogue))) {
      return {};
    }
    if (other > i) return {rule.first_part, kNone, kNone};
    return {rule.epilogue, reader, other};
  }

  // Whether node i may be made in int8 with one scale for all rows.
  bool can_be_static(size_t i) const {
    if (readers_.is_output(i) || !type(i).lower_static) return false;
    if (const size_t value = taken_in(i).node; value != kNone) {
      const std::optional<Form>& form = type(value).epilogue.of_static;
      return form && (*form != Form::Rows ||
                      (rows_are_static(value) && forms_wanted(value) == bit(Form::Rows)));
    }
    const std::vector<Reader>& readers = readers_.of(i);
    return std::all_of(readers.begin(), readers.end(),
                       [&](const Reader& reader) { return is_of_heads(form_read(reader)); });
  }

  // Whether int8 rows of value i have one scale: where what makes them can give them one, and all
  // that reads them gives int8 as well.
  bool rows_are_static(size_t i) const {
    if (!static_scales_ || ((type(i).writes & bit(Form::Rows)) && !type(i).lower_static))
      return false;
    const std::vector<Reader>& readers = readers_.of(i);
    return std::all_of(readers.begin(), readers.end(), [&](const Reader& reader) {
      return form_read(reader) != Form::Rows || can_be_static(reader.node);
    });
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

  // f.is_static is settled.
  void set_form(FusedNode& f, Form form) const {
    f.form = form;
    f.format = format_of(form, f.is_static);
    if (!is_of_heads(form)) return;
    bool first = true;
    for (const Reader& reader : readers_.of(f.value)) {
      if (readers_.rows(reader.node) == 0) continue;
      const Heads heads = type(reader.node).heads(node(reader.node));
      if (!first && (heads.count != f.heads || heads.groups != f.groups))
        refuse(f.value, "is read in different numbers of heads or groups");
      f.heads = heads.count;
      f.groups = heads.groups;
      first = false;
    }
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

  void without_epilogue(size_t i) {
    if (type(i).writes == 0) refuse(i, "does not follow linear layers that nothing else reads");
    const bool step_is_begun = make_waiting_queries(i);
    FusedNode f = make(i);
    for (size_t k = 0; k < node(i).inputs.size(); ++k) f.inputs.push_back(source(i, k));
    // The second input of a sum is brought to the unit of the first.
    if (begins_unit_[i]) std::swap(f.inputs[0], f.inputs[1]);
    const Form form = form_written(i, type(i).writes);
    f.is_static = form == Form::Rows && rows_are_static(i);
    set_form(f, form);
    give(std::move(f), step_is_begun);
  }

  void with_epilogue(size_t i) {
    const size_t from = source(i, 0);
    size_t rows = readers_.rows(i);
    if (rows < fused_.nodes[from].rows) {
      if (!is_repeatable(from)) {
        rows = fused_.nodes[from].rows;
      } else if (readers_.only(i) != kNone && form_read(readers_.of(i)[0]) == Form::Queries) {
        waiting_queries_.emplace(readers_.only(i), i);
        return;
      } else {
        return with_epilogue(i, repeat(from, rows, node(i).name), rows);
      }
    }
    with_epilogue(i, from, rows);
  }

  // Int8 rows that are made of int16 ones in the arena, by one pass over them.
  bool is_repeatable(size_t f) const {
    const FusedNode& n = fused_.nodes[f];
    if (n.inputs.size() != 1 || !is_row_by_row(graph_, n)) return false;
    const FusedNode& from = fused_.nodes[n.inputs[0]];
    return from.form == Form::Fixed && has_stream_unit(graph_, from.value);
  }

  // The leading ones of int8 rows again, in a new step.
  size_t repeat(size_t f, size_t rows, const std::string& step) {
    FusedNode again = fused_.nodes[f];
    again.name += ".leading";
    again.rows = rows;
    begin_step(step, rows);
    return append(std::move(again), true);
  }

  // Queries that are fewer than the keys are made in their reader's step, whose rows they share.
  bool make_waiting_queries(size_t reader) {
    const auto query = waiting_queries_.find(reader);
    if (query == waiting_queries_.end()) return false;
    const size_t i = query->second, rows = readers_.rows(i);
    with_epilogue(i, repeat(source(i, 0), rows, node(reader).name), rows);
    return true;
  }

  void with_epilogue(size_t i, size_t from, size_t rows) {
    FusedNode f = make(i);
    f.inputs = {from};
    f.rows = rows;
    f.is_static = fused_.nodes[from].format == Format::S8;
    const TakenIn taken = taken_in(i);
    unsigned forms = type(i).writes;
    if (taken.node != kNone) {
      const EpilogueRule& rule = type(taken.node).epilogue;
      if (f.is_static && rule.of_static) return in_two_operations(std::move(f), taken);
      f.value = taken.node;
      forms = bit(rule.form);
    }
    f.epilogue = taken.epilogue;
    if (taken.addend != kNone) f.inputs.push_back(addend_of(f, taken));
    set_form(f, form_written(f.value, forms));
    give(std::move(f));
  }

  size_t addend_of(const FusedNode& f, const TakenIn& taken) {
    const size_t addend = given_by_[taken.addend];
    if (std::max(readers_.rows(taken.addend), fused_.nodes[addend].rows) < f.rows)
      refuse(taken.node, "adds to fewer rows than are made of what it adds");
    return begins_unit_[taken.node] ? rescaled(taken.addend, f.rows) : addend;
  }

  // A value in the unit of the sum that follows.
  size_t rescaled(size_t value, size_t rows) {
    FusedNode f = make(value);
    f.name += ".rescaled";
    f.inputs = {given_by_[value]};
    f.is_conversion = true;
    f.rows = rows;
    set_form(f, Form::Fixed);
    return append(std::move(f));
  }

  // int8 outputs, and another operation that computes of them what would else be an epilogue.
  void in_two_operations(FusedNode f, const TakenIn& taken) {
    FusedNode second = make(taken.node);
    second.rows = f.rows;
    second.is_static = true;
    if (taken.addend != kNone) {
      second.name = f.name + "." + type(taken.node).name;
      second.inputs.push_back(addend_of(f, taken));
    }
    set_form(second, *type(taken.node).epilogue.of_static);
    set_form(f, Form::Rows);
    second.inputs.push_back(append(std::move(f)));
    give(std::move(second));
  }

  // Appends what gives a value, and the conversion for those readers that take int8 rows of it.
  void give(FusedNode f, bool step_is_begun = false) {
    const size_t value = f.value, last = f.node;
    given_by_[last] = given_by_[value] = append(std::move(f), step_is_begun);
    if (type(value).leading_rows) give_leading_rows(value);
    const size_t given = rows_given_by_[value] = given_by_[value];
    if (fused_.nodes[given].format != Format::S16 || !(forms_wanted(value) & bit(Form::Rows)))
      return;
    FusedNode rows = make(value);
    rows.inputs = {given};
    rows.is_conversion = true;
    rows.is_static = rows_are_static(value);
    set_form(rows, Form::Rows);
    rows.rows = 0;
    for (const Reader& reader : readers_.of(value))
      if (form_read(reader) == Form::Rows) rows.rows = std::max(rows.rows, rows_read(reader));
    rows_given_by_[value] = append(std::move(rows));
  }

  size_t rows_read(const Reader& reader) const {
    return type(reader.node)
        .rows_read(graph_, node(reader.node), reader.input, readers_.rows(reader.node));
  }

  // Such as class tokens and registers, which go before the patches.
  void give_leading_rows(size_t value) {
    const LeadingRows leading = type(value).leading_rows(node(value));
    if (leading.count == 0) return;
    FusedNode f = make(value);
    f.inputs = {given_by_[value]};
    f.rows = leading.count;
    begin_step(leading.step, f.rows);
    given_by_[value] = append(std::move(f), true);
  }

  void begin_step(const std::string& name, size_t rows, StepRule begun_by = StepRule::Begins) {
    fused_.steps.push_back({name, rows});
    step_begun_by_ = begun_by;
    step_is_of_picture_ = false;
  }

  size_t append(FusedNode f, bool step_is_begun = false) {
    const NodeType& t = type(f.node);
    if (!f.is_conversion && !(f.is_static ? t.lower_static : t.lower))
      refuse(f.node, "stands where no int8 operation computes it");
    if (f.is_conversion || !t.is_view) {
      if (!step_is_begun && begins_step(f)) {
        begin_step(step_name(f), f.rows, f.is_conversion ? StepRule::Continues : t.step);
        step_is_of_picture_ = node(f.node).inputs.empty();
      }
      f.step = fused_.steps.size() - 1;
    }
    fused_.nodes.push_back(std::move(f));
    return fused_.nodes.size() - 1;
  }

  bool begins_step(const FusedNode& f) const {
    if (fused_.steps.empty() || fused_.steps.back().rows != f.rows) return true;
    if (reads_view_of_step(f)) return true;
    if (f.is_conversion) return false;
    if (type(f.node).step != StepRule::Opens) return type(f.node).step == StepRule::Begins;
    return !goes_on(f);
  }

  // A norm goes on with the rows that the step has just made, so that threads meet once less. Not
  // after attention: other tiles still read keys and values, which the norm's readers may write.
  // Of the picture's rows where nothing else reads them, which then need not be kept. What is
  // pooled has a step of its own.
  bool goes_on(const FusedNode& norm) const {
    const FusedNode& from = fused_.nodes[norm.inputs[0]];
    if (from.step != fused_.steps.size() - 1 || norm.form == Form::Fixed) return false;
    return step_begun_by_ == StepRule::Opens ||
           (step_is_of_picture_ && readers_.only(from.value) == norm.node);
  }

  // Tiles of a step run side by side: it may read what it writes as the same rows of the same
  // tensor, but not by way of a view.
  bool reads_view_of_step(const FusedNode& f) const {
    return std::any_of(f.inputs.begin(), f.inputs.end(), [&](size_t input) {
      size_t whole = input;
      while (fused_.nodes[whole].step == kNone) whole = fused_.nodes[whole].inputs[0];
      return whole != input && fused_.nodes[whole].step == fused_.steps.size() - 1;
    });
  }

  std::string step_name(const FusedNode& f) const {
    const bool of_picture = node(f.node).inputs.empty();  // named as what is made of its rows
    return of_picture && readers_.only(f.node) != kNone ? node(readers_.only(f.node)).name : f.name;
  }

  const Graph& graph_;
  const Readers readers_;
  const bool static_scales_;
  std::vector<bool> begins_unit_;  // by node
  FusedGraph fused_;
  std::vector<size_t> given_by_,              // by node of the float graph: what gives its value
      rows_given_by_;                         // and what gives int8 rows of it
  std::map<size_t, size_t> waiting_queries_;  // by what reads them
  StepRule step_begun_by_ = StepRule::Continues;
  bool step_is_of_picture_ = false;
};

}  // namespace

FusedGraph fuse(const Graph& graph, bool static_scales, const std::vector<bool>& begins_unit) {
  FusedGraph fused = Fuser(graph, static_scales, begins_unit).run();
  settle_memory(graph, fused);
  return fused;
}

}  // namespace vitro::converter
