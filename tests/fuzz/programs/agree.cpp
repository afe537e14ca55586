// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/programs/agree.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "converter/base/aligned_bytes.h"
#include "runtime/core/golden.h"
#include "runtime/core/outputs.h"
#include "runtime/kernels/law.h"
#include "runtime/ops/ops.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using Bytes = std::vector<uint8_t>;

const schema::Tensor& tensor_at(const schema::Program& program, int64_t index) {
  return *program.tensors()->Get(static_cast<unsigned>(index));
}

double work_of(const schema::Program& program, const schema::Step& step, const schema::Op& op) {
  const double rows = step.rows();
  const auto cols = [&](uint32_t index) {
    return static_cast<double>(tensor_at(program, index).cols());
  };
  if (const auto* a = op.args_as_Linear()) return rows * cols(a->src()) * (cols(a->dst()) + 16);
  const auto* biased = op.args_as_BiasedAttention();
  if (const auto* a = biased ? biased->attention() : op.args_as_Attention())
    return 2 * rows * group_rows(tensor_at(program, a->k())) * (cols(a->q()) + cols(a->dst()));
  double touched = 0;
  const OpOperands operands = operands_of(op, program);
  for (const Source& source : operands.sources)
    if (source.tensor >= 0) {
      const schema::Tensor& t = tensor_at(program, source.tensor);
      const bool whole =
          op.args_type() == schema::OpArgs::MeanRows || t.format() == schema::Format::U8;
      touched += (whole ? t.rows() : rows) * static_cast<double>(t.cols());
    }
  return 2 * touched;
}

// Appends the bytes of a tensor that have a meaning, after an op wrote it.
void append(const schema::Tensor& t, const uint8_t* data, Bytes& out) {
  const size_t rows = t.rows(), cols = t.cols(), head_dim = cols / t.heads();
  const size_t tokens = group_rows(t), stride = static_cast<size_t>(group_bytes(t));
  switch (t.format()) {
    case schema::Format::RowS8: {
      const uint8_t* params = data + row_params_offset(rows, cols);
      out.insert(out.end(), data, data + rows * cols);
      out.insert(out.end(), params, params + rows * sizeof(RowParams));
      return;
    }
    case schema::Format::Keys:
    case schema::Format::Values: {
      const auto offset =
          t.format() == schema::Format::Keys ? law::keys_offset : law::values_offset;
      out.reserve(out.size() + rows * cols);
      for (size_t row = 0; row < rows; ++row)
        for (size_t col = 0; col < cols; ++col)
          out.push_back(data[row / tokens * stride + offset(tokens, head_dim, row % tokens, col)]);
      return;
    }
    default: out.insert(out.end(), data, data + tensor_bytes(t));
  }
}

void backwards(void*, void (*task)(void* context, size_t i), void* context, size_t count) {
  while (count-- > 0) task(context, count);
}

// Watches the planned region: a step may change only certain parts of it.
class Watch {
 public:
  Watch(const schema::Program& program, uint8_t* planned, size_t size, size_t threads)
      : program_(program), planned_(planned), size_(size), threads_(threads) {}

  void before(const schema::Step& step) {
    copy_.assign(planned_, planned_ + size_);
    free_.clear();
    free_.emplace_back(step.scratch_offset(),
                       step.scratch_offset() + step.scratch_bytes() * threads_);
    for (const schema::Op* op : *step.ops()) {
      const schema::Tensor& t = tensor_at(program_, operands_of(*op, program_).destination);
      if (t.storage() == schema::Storage::Arena)
        free_.emplace_back(t.offset(), t.offset() + tensor_bytes(t));
    }
    std::sort(free_.begin(), free_.end());
  }

  bool intact() const {
    uint64_t at = 0;
    for (const auto& [begin, end] : free_) {
      if (begin > at && std::memcmp(copy_.data() + at, planned_ + at, begin - at) != 0)
        return false;
      at = std::max(at, end);
    }
    return at >= size_ || std::memcmp(copy_.data() + at, planned_ + at, size_ - at) == 0;
  }

 private:
  const schema::Program& program_;
  uint8_t* planned_;
  size_t size_, threads_;
  Bytes copy_;
  std::vector<std::pair<uint64_t, uint64_t>> free_;
};

void append_outputs(const vitro_program& program, const vitro_session* session, Bytes& out) {
  for (size_t i = 0; i < vitro_output_count(&program); ++i) {
    vitro_output_info info;
    require(vitro_output(&program, i, &info) == VITRO_OK, "an output that is not there");
    const auto* values = reinterpret_cast<const uint8_t*>(vitro_output_values(session, i));
    out.insert(out.end(), values, values + info.rows * info.cols * sizeof(float));
  }
}

// Calls the functions that describe an open program: they must read only the program.
void describe(const vitro_program& program) {
  const vitro_status check = vitro_program_check(&program);
  require(check == VITRO_OK || check == VITRO_NO_DIGEST || check == VITRO_DIGEST_MISMATCH,
          "vitro_program_check gives another status");
  const size_t classes = vitro_class_count(&program);
  for (size_t i = 0; i < classes; ++i) {
    const char* label = vitro_label(&program, i);
    require(!label || std::strlen(label) < program.size, "a label that does not end");
  }
  require(!vitro_label(&program, classes), "a label past the last");
  vitro_output_info info;
  require(vitro_output(&program, vitro_output_count(&program), &info) == VITRO_BAD_ARGUMENT,
          "an output past the last");
  require(vitro_image_width(&program) > 0 && vitro_image_height(&program) > 0, "no picture size");
}

[[noreturn]] void differ(const schema::Program& program, const Way& way, size_t step,
                         const std::pair<const Bytes&, const Bytes&>& got_and_want) {
  const auto& [got, want] = got_and_want;
  size_t at = 0;
  while (at < got.size() && at < want.size() && got[at] == want[at]) ++at;
  std::string what = std::string(way.isa) + ", " + std::to_string(way.threads) +
                     " threads, arena of " + std::to_string(way.arena_byte) + ": step " +
                     std::to_string(step) + ", byte " + std::to_string(at) + " of " +
                     std::to_string(want.size()) + " differs from the reference's; ops";
  if (step < program.steps()->size())
    for (const schema::Op* op : *program.steps()->Get(static_cast<unsigned>(step))->ops())
      what += std::string(" ") + schema::EnumNameOpArgs(op->args_type());
  fail(what);
}

}  // namespace

bool too_heavy(const vitro_program& program, const Effort& effort) {
  const schema::Program& p = *schema::GetProgram(program.data);
  double work = 0;
  for (const schema::Step* step : *p.steps())
    for (const schema::Op* op : *step->ops()) work += work_of(p, *step, *op) + step->rows();
  return !(work <= effort.work) || vitro_arena_bytes(&program, 3) > effort.arena_bytes;
}

std::vector<Bytes> bytes_of_steps(const vitro_program& program, const Way& way) {
  const schema::Program& p = *schema::GetProgram(program.data);
  vitro_config config{};
  config.threads = way.threads;
  config.isa = way.isa;
  if (way.threads > 1) config.parallel_for = backwards;
  AlignedBytes arena(vitro_arena_bytes(&program, way.threads));
  std::memset(arena.data(), way.arena_byte, arena.size());
  vitro_session* session = nullptr;
  if (const vitro_status status =
          vitro_bind(&program, &config, arena.data(), arena.size(), &session))
    fail(std::string("an open program cannot be bound: ") + vitro_status_text(status));
  size_t bytes = 0;
  uint8_t* const input = vitro_input(session, &bytes);
  golden_picture(7, input, vitro_image_height(&program), vitro_image_width(&program));
  uint8_t* const planned = input - tensor_at(p, p.input()).offset();
  Watch watch(p, planned, arena.size() - static_cast<size_t>(planned - arena.data()), way.threads);

  std::vector<Bytes> out(vitro_step_count(session) + 1);
  for (size_t s = 0; s + 1 < out.size(); ++s) {
    const schema::Step& step = *p.steps()->Get(static_cast<unsigned>(s));
    watch.before(step);
    vitro_run_step(session, s);
    if (!watch.intact())
      fail(std::string(way.isa) + ": step " + std::to_string(s) +
           " changes the arena beside its destinations");
    for (const schema::Op* op : *step.ops()) {
      const schema::Tensor& t = tensor_at(p, operands_of(*op, p).destination);
      if (t.storage() == schema::Storage::Arena) append(t, planned + t.offset(), out[s]);
    }
  }
  append_outputs(program, session, out.back());
  return out;
}

Verdict check_program(const uint8_t* data, size_t size, const Effort& effort) {
  AlignedBytes file(size);
  if (size > 0) std::memcpy(file.data(), data, size);
  vitro_program program;
  const vitro_status status = vitro_open(file.data(), size, &program);
  if (status != VITRO_OK) {
    const bool explained = status == VITRO_CORRUPT || status == VITRO_UNSUPPORTED;
    require(explained == (program.fault != nullptr) && !program.data,
            "a refused program without its fault, or with data");
    return Verdict::refused;
  }
  if (too_heavy(program, effort)) return Verdict::heavy;
  describe(program);
  const schema::Program& p = *schema::GetProgram(program.data);
  const std::vector<Bytes> want = bytes_of_steps(program, {"reference", 1, 0});
  for (size_t i = 0; const char* isa = vitro_isa_name(i); ++i)
    for (const Way& way : {Way{isa, 1, 0xa5}, Way{isa, 3, 0x7f}}) {
      const std::vector<Bytes> got = bytes_of_steps(program, way);
      for (size_t s = 0; s < want.size(); ++s)
        if (got[s] != want[s]) differ(p, way, s, {got[s], want[s]});
    }
  return Verdict::agreed;
}

}  // namespace vitro::fuzz
