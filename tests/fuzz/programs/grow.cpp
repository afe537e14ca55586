// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/programs/grow.h"

#include <algorithm>

#include "runtime/core/bounds.h"
#include "runtime/core/layout.h"
#include "runtime/kernels/rollout.h"

namespace vitro::fuzz {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

namespace {

bool has_extent(const schema::TensorT& t) {
  return t.heads > 0 && t.groups > 0 && t.rows > 0 && t.rows < kMaxExtent && t.cols > 0 &&
         t.cols < kMaxExtent;
}

uint64_t bytes_of(const schema::TensorT& t) {
  if (!has_extent(t)) return 64;
  return t.groups * tensor_bytes(t.format, t.rows / t.groups, t.cols, t.heads);
}

void grow_linear(ProgramT& p, uint32_t src, Choices& c) {
  const bool is_static = p.tensors[src]->format == Format::S8;
  static constexpr Format kTo[] = {Format::S8,  Format::Keys, Format::Values,
                                   Format::S16, Format::S16,  Format::F32};
  const Format format = kTo[c.below(is_static ? 3 : 6)];
  uint32_t cols = static_cast<uint32_t>(c.one_in(3) ? 4 * (1 + c.below(40)) : 1 + c.below(70));
  if (p.tensors[src]->cols % 4 != 0 || uint64_t{p.tensors[src]->cols} * cols > 1 << 18) return;
  schema::LinearT a;
  a.src = src;
  a.zero_point = static_cast<int8_t>(c.next());
  const uint32_t rows = p.tensors[src]->rows;
  const bool packed = format == Format::Keys || format == Format::Values;
  const uint32_t heads = packed ? static_cast<uint32_t>(1 + c.below(3)) : 1;
  if (packed) cols = heads * 4 * static_cast<uint32_t>(1 + c.below(12));
  if (!is_static && !packed && format != Format::S8 && c.one_in(2))
    if (const auto addend = written(p, format, c); addend && p.tensors[*addend]->rows == rows)
      a.addend = static_cast<int32_t>(*addend), cols = p.tensors[*addend]->cols;
  a.dst = add_tensor(p, format, rows, cols);
  p.tensors[a.dst]->heads = heads;
  if (packed && rows % 2 == 0 && c.one_in(4)) p.tensors[a.dst]->groups = 2;
  if (format == Format::S16 && a.addend < 0 && c.one_in(2))
    a.activation = schema::Activation::Gelu,
    a.fraction_bits = static_cast<uint8_t>(c.between(kMinGeluFraction, kMaxGeluFraction));
  if (format == Format::S16 && a.addend < 0 && c.one_in(4))
    a.activation = schema::Activation::Silu,
    a.fraction_bits = static_cast<uint8_t>(c.between(kMinSiluFraction, kMaxSiluFraction));
  fill_linear(p, a, c);
  append_step(p, rows, c);
  append_op(p, a);
}

// Adds queries, keys and values from the rows of a tensor, and attention over them.
void grow_attention(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, depth = p.tensors[src]->cols;
  const uint32_t heads = static_cast<uint32_t>(1 + c.below(3)),
                 head_dim = static_cast<uint32_t>(4 * (1 + c.below(c.one_in(8) ? 128 : 10)));
  const uint32_t groups = rows % 2 == 0 && c.one_in(3) ? 2 : 1;
  const uint32_t value_dim = c.one_in(3) ? static_cast<uint32_t>(4 * (1 + c.below(10))) : head_dim;
  const uint32_t of_keys = c.one_in(4) ? 1 : heads, of_values = c.one_in(4) ? 1 : heads;
  const uint32_t cols[] = {heads * head_dim, of_keys * head_dim, of_values * value_dim};
  if (depth % 4 != 0 || uint64_t{depth} * heads * std::max(head_dim, value_dim) > 1 << 17) return;
  uint32_t made[3];
  append_step(p, rows, c);
  for (size_t i = 0; i < 3; ++i) {
    static constexpr Format kFormats[] = {Format::S8, Format::Keys, Format::Values};
    schema::LinearT a;
    a.src = src;
    a.zero_point = static_cast<int8_t>(c.next());
    a.dst = made[i] = add_tensor(p, kFormats[i], rows, cols[i]);
    if (i > 0)
      p.tensors[a.dst]->heads = i == 1 ? of_keys : of_values, p.tensors[a.dst]->groups = groups;
    fill_linear(p, a, c);
    append_op(p, a);
  }
  if (of_keys == heads && groups == 1 && c.one_in(3))
    return grow_parts(p, {made[0], made[1], head_dim}, c);
  schema::AttentionT a;
  a.q = made[0], a.k = made[1], a.v = made[2];
  a.dst = add_tensor(p, Format::S16, rows, heads * value_dim);
  append_step(p, rows, c);
  const auto scales = [&](float least, uint32_t reach) {
    const float limit = kScoreScaleLimit / static_cast<float>(head_dim + reach);
    for (uint32_t h = 0; h < heads; ++h) a.score_scale.push_back(c.magnitude(least, limit));
  };
  if (c.one_in(2)) {
    scales(0x1p-24f, 0);
    return append_op(p, a);
  }
  schema::BiasedAttentionT b;
  const uint32_t tokens = rows / groups, shift = static_cast<uint32_t>(c.below(10));
  if (c.one_in(2)) {
    b.bias_shift.assign(heads, static_cast<uint8_t>(shift));
    std::vector<int16_t> bias(size_t{heads} * tokens * align_up(tokens, 16));
    for (int16_t& value : bias) value = static_cast<int16_t>(c.between(-32768, 32767));
    b.bias = add_constants(p, bias.data(), bias.size() * 2);
  }
  b.has_regions = b.bias_shift.empty() || c.one_in(2);
  if (b.has_regions) {
    std::vector<uint8_t> regions(rows);
    for (uint8_t& region : regions) region = static_cast<uint8_t>(c.below(3));
    b.regions = add_constants(p, regions.data(), regions.size());
  }
  scales(b.has_regions ? kRegionScale : 0x1p-24f, b.has_regions ? kRegionReach : bias_reach(shift));
  b.attention = std::make_unique<schema::AttentionT>(a);
  append_op(p, std::move(b));
}

// Adds an op from S16 to one of the formats that S16 can become.
void grow_rows(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, cols = p.tensors[src]->cols;
  const auto to = [&](Format format) { return add_tensor(p, format, rows, cols); };
  const float epsilon = c.one_in(2) ? 1.0f : c.magnitude(0x1p-60f, 0x1p60f);
  const int8_t zero_point = static_cast<int8_t>(c.next());
  switch (c.below(10)) {
    case 0: {
      schema::LayerNormT a;
      a.src = src, a.dst = to(Format::RowS8), a.epsilon = epsilon;
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 1: {
      schema::QuantiseRowsT a;
      a.src = src, a.dst = to(Format::RowS8), a.unit = c.magnitude(0x1p-40f, 0x1p40f);
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 2: {
      schema::StaticNormT a;
      a.src = src, a.dst = to(Format::S8), a.epsilon = epsilon, a.zero_point = zero_point;
      a.scale = c.magnitude(0x1p-10f, 32768);
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 3: {
      schema::StaticQuantiseT a;
      a.src = src, a.dst = to(Format::S8), a.scale = c.magnitude(0x1p-16f, 64);
      a.zero_point = zero_point;
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 4: {
      schema::NormT a;
      a.src = src, a.dst = c.one_in(3) ? src : to(Format::S16), a.epsilon = epsilon;
      a.channels = add_channels(p, cols, c);
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 5: {
      schema::AffineT a;
      a.src = src, a.dst = c.one_in(3) ? src : to(Format::S16);
      if (c.one_in(2)) a.addend = static_cast<int32_t>(add_rows(p, rows, cols, c));
      a.channels = add_channels(p, cols, c);
      append_step(p, rows, c);
      return append_op(p, a);
    }
    case 7: {
      const uint32_t taps = static_cast<uint32_t>(1 + c.below(4)),
                     made = static_cast<uint32_t>(1 + c.below(40));
      std::vector<uint32_t> index(size_t{taps} * made);
      for (uint32_t& row : index)
        row = c.one_in(8) ? 0xffffffff : static_cast<uint32_t>(c.below(rows));
      schema::GatherRowsT a;
      a.src = src, a.dst = add_tensor(p, Format::S16, made, taps * cols);
      a.index = add_constants(p, index.data(), index.size() * 4);
      append_step(p, made, c);
      return append_op(p, a);
    }
    case 6: {
      schema::TransposeT a;
      a.src = src;
      a.dst = add_tensor(p, Format::S16, cols, static_cast<uint32_t>(align_up(rows, 4)));
      append_step(p, c.one_in(2) ? rows : cols, c);
      return append_op(p, a);
    }
    case 8: return grow_heads(p, src, c);
    default: {
      schema::MeanRowsT a;
      a.src = src, a.reciprocal = 1.0f / static_cast<float>(rows ? rows : 1);
      a.dst = add_tensor(p, Format::S16, 1, cols);
      append_step(p, 1, c);
      return append_op(p, a);
    }
  }
}

void grow_static(ProgramT& p, uint32_t src, Choices& c) {
  const uint32_t rows = p.tensors[src]->rows, cols = p.tensors[src]->cols;
  append_step(p, rows, c);
  if (c.one_in(2)) {
    uint8_t table[256];
    for (uint8_t& entry : table) entry = static_cast<uint8_t>(c.next());
    schema::LookupT a;
    a.src = src, a.dst = c.one_in(2) ? src : add_tensor(p, Format::S8, rows, cols);
    a.table = add_constants(p, table, sizeof table);
    return append_op(p, a);
  }
  schema::StaticAddT a;
  a.src = src, a.addend = add_rows(p, rows, cols, c);
  a.dst = add_tensor(p, Format::S16, rows, cols);
  a.scale = c.magnitude(0x1p-16f, 16384);
  append_op(p, a);
}

void grow_copy(ProgramT& p, Choices& c) {
  const uint32_t rows = static_cast<uint32_t>(1 + c.below(c.one_in(4) ? 100 : 30));
  const uint32_t cols = static_cast<uint32_t>(
      c.one_in(3) ? 1 + c.below(70) : 4 * (1 + c.below(c.one_in(9) ? 99 : 20)));
  schema::CopyT a;
  a.src = add_rows(p, rows, cols, c);
  a.dst = add_tensor(p, Format::S16, rows, cols);
  append_step(p, rows, c);
  append_op(p, a);
}

}  // namespace

uint32_t add_tensor(ProgramT& p, Format format, uint32_t rows, uint32_t cols) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = format, t->rows = rows, t->cols = cols;
  p.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(p.tensors.size() - 1);
}

uint32_t add_rows(ProgramT& p, uint32_t rows, uint32_t cols, Choices& c) {
  std::vector<int16_t> values(size_t{rows} * cols);
  const size_t kind = c.below(4);
  for (int16_t& value : values)
    value = static_cast<int16_t>(kind == 0   ? (c.one_in(2) ? 32767 : -32768)
                                 : kind == 1 ? c.between(-9, 9)
                                             : c.between(-32768, 32767));
  const uint32_t tensor = add_tensor(p, Format::S16, rows, cols);
  p.tensors[tensor]->storage = Storage::Constant;
  p.tensors[tensor]->offset = add_constants(p, values.data(), values.size() * 2);
  return tensor;
}

void append_step(ProgramT& p, uint32_t rows, Choices& c) {
  auto step = std::make_unique<schema::StepT>();
  step->rows = rows;
  step->tile_rows = static_cast<uint32_t>(1 + c.below(size_t{rows} + 3));
  p.steps.push_back(std::move(step));
}

std::optional<uint32_t> written(ProgramT& p, Format format, Choices& c) {
  std::vector<uint32_t> found;
  for (auto& step : p.steps)
    for (auto& op : step->ops) {
      const int64_t at = destination_of(*op);
      if (at < 0 || static_cast<size_t>(at) >= p.tensors.size()) continue;
      const schema::TensorT& t = *p.tensors[static_cast<size_t>(at)];
      if (t.format == format && t.storage == Storage::Arena)
        found.push_back(static_cast<uint32_t>(at));
    }
  if (found.empty()) return std::nullopt;
  return c.of(found);
}

void grow(ProgramT& p, Choices& c) {
  if (!p.preprocessing || p.steps.size() > 60) return;
  if (c.one_in(5)) return grow_copy(p, c);
  if (c.one_in(16)) return grow_patches(p, c);
  static constexpr Format kFrom[] = {Format::S16, Format::S16, Format::RowS8, Format::S8};
  const auto src = written(p, c.of(kFrom), c);
  if (!src || !has_extent(*p.tensors[*src]) || bytes_of(*p.tensors[*src]) > 1 << 16)
    return grow_copy(p, c);
  switch (p.tensors[*src]->format) {
    case Format::S16: return grow_rows(p, *src, c);
    case Format::S8:
      if (c.one_in(2)) return grow_static(p, *src, c);
      [[fallthrough]];
    default: return c.one_in(2) ? grow_attention(p, *src, c) : grow_linear(p, *src, c);
  }
}

void reshape(ProgramT& p, Choices& c) {
  if (p.tensors.empty()) return;
  const schema::TensorT& some = *c.of(p.tensors);
  const bool rows = c.one_in(2);
  const uint32_t was = rows ? some.rows : some.cols;
  const uint32_t now = static_cast<uint32_t>(c.one_in(8)   ? odd_size(c, was)
                                             : c.one_in(3) ? 1 + c.below(64)
                                                           : 4 * (1 + c.below(40)));
  if (now > 5000) return;
  for (auto& t : p.tensors) {
    if (t->storage == Storage::Constant) continue;
    if (rows && t->rows == was) t->rows = now;
    if (!rows && t->cols == was) t->cols = now;
  }
  for (auto& step : p.steps) {
    if (rows && step->rows == was) step->rows = now;
    for (auto& op : step->ops) {
      const int64_t dst = destination_of(*op);
      if (dst < 0 || static_cast<size_t>(dst) >= p.tensors.size()) continue;
      const uint32_t cols = p.tensors[static_cast<size_t>(dst)]->cols;
      if (cols > 5000) continue;
      if (auto* a = op->args.AsLinear()) fill_linear(p, *a, c);
      if (auto* a = op->args.AsNorm()) a->channels = add_channels(p, cols, c);
      if (auto* a = op->args.AsAffine()) a->channels = add_channels(p, cols, c);
      if (auto* a = op->args.AsHeadNorm()) a->channels = add_channels(p, cols, c);
      if (auto* a = op->args.AsRotatePairs(); a && !a->scale.empty() && step->rows <= 5000)
        a->turns = add_turns(p, step->rows * (cols / a->scale.size()), c);
    }
  }
}

void spread(ProgramT& p, size_t first) {
  uint64_t end = 0;
  for (size_t i = 0; i < p.tensors.size(); ++i) {
    schema::TensorT& t = *p.tensors[i];
    if (t.storage != Storage::Arena) continue;
    if (i >= first) t.offset = end;
    end = i >= first ? end + align_up(bytes_of(t), 64)
                     : std::max(end, align_up(t.offset + bytes_of(t), 64));
  }
  for (auto& step : p.steps) {
    step->scratch_offset = end;
    uint64_t scratch = 0;
    for (auto& op : step->ops) {
      for (const OperandRef& ref : operands_of(*op)) {
        const int64_t at = ref.get();
        if (at < 0 || static_cast<size_t>(at) >= p.tensors.size()) continue;
        const schema::TensorT& t = *p.tensors[static_cast<size_t>(at)];
        if (t.storage == Storage::Scratch)
          scratch = std::max(scratch, align_up(t.offset + bytes_of(t), 64));
      }
      if (auto* a = attention_of(*op); a && a->k < p.tensors.size()) {
        const schema::TensorT& k = *p.tensors[a->k];
        a->workspace = scratch;
        scratch += attention_workspace_bytes(k.groups ? k.rows / k.groups : k.rows);
      }
      if (auto* a = op->args.AsRollout(); a && a->k < p.tensors.size()) {
        const schema::TensorT& k = *p.tensors[a->k];
        a->workspace = scratch;
        scratch += align_up(rollout_workspace_bytes(k.rows, k.heads ? k.cols / k.heads : 0), 64);
      }
    }
    step->scratch_bytes = std::min<uint64_t>(scratch, 1 << 20);
  }
}

}  // namespace vitro::fuzz
