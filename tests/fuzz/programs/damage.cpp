// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/core/bounds.h"
#include "runtime/kernels/kernels.h"
#include "tests/fuzz/programs/mutate.h"

namespace vitro::fuzz {

using schema::ProgramT;

namespace {

template <class Field>
OperandRef ref(Field& field) {
  return {[&field] { return static_cast<int64_t>(field); },
          [&field](int64_t value) { field = static_cast<Field>(value); }};
}

schema::OpT* some_op(ProgramT& p, Choices& c) {
  if (p.steps.empty()) return nullptr;
  auto& ops = c.of(p.steps)->ops;
  return ops.empty() ? nullptr : c.of(ops).get();
}

void set_limit(float& value, const FloatRange& range, Choices& c) {
  value = c.one_in(3) ? odd_float(c) : c.magnitude(range.smallest, range.largest);
  if (c.one_in(16)) value = -value;
}

void damage_tensor(ProgramT& p, Choices& c) {
  schema::TensorT& t = *c.of(p.tensors);
  const auto size = [&](uint32_t& field) { field = static_cast<uint32_t>(odd_size(c, field)); };
  switch (c.below(8)) {
    case 0: return size(t.rows);
    case 1: return size(t.cols);
    case 2: return size(t.heads);
    case 3: return size(t.groups);
    case 4: t.offset = odd_size(c, t.offset); return;
    case 5: t.format = static_cast<schema::Format>(c.below(8)); return;
    case 6: t.storage = static_cast<schema::Storage>(c.below(4)); return;
    default: {  // moves it to the place of another
      const schema::TensorT& other = *c.of(p.tensors);
      t.offset = other.offset + (c.one_in(3) ? 4 * c.below(64) : 0);
      if (c.one_in(4)) t.storage = other.storage;
    }
  }
}

void damage_operand(ProgramT& p, Choices& c) {
  schema::OpT* op = some_op(p, c);
  if (!op) return;
  auto refs = operands_of(*op);
  if (refs.empty()) return;
  OperandRef& changed = c.of(refs);
  switch (c.below(4)) {
    case 0: return changed.set(c.of(refs).get());
    case 1: return changed.set(static_cast<int64_t>(odd_size(c, p.tensors.size())));
    default: break;
  }
  // Takes a similar one, so that the formats still fit.
  const int64_t now = changed.get();
  std::vector<int64_t> alike;
  for (size_t i = 0; i < p.tensors.size(); ++i)
    if (now < 0 || static_cast<size_t>(now) >= p.tensors.size() ||
        p.tensors[i]->format == p.tensors[static_cast<size_t>(now)]->format)
      alike.push_back(static_cast<int64_t>(i));
  if (!alike.empty()) changed.set(c.of(alike));
}

void damage_floats(ProgramT& p, Choices& c) {
  schema::OpT* op = some_op(p, c);
  if (!op) return;
  schema::OpArgsUnion& args = op->args;
  if (auto* a = args.AsLayerNorm()) set_limit(a->epsilon, kEpsilonRange, c);
  if (auto* a = args.AsNorm()) set_limit(a->epsilon, kEpsilonRange, c);
  if (auto* a = args.AsQuantiseRows()) set_limit(a->unit, kScaleRange, c);
  if (auto* a = args.AsMeanRows()) set_limit(a->reciprocal, kReciprocalRange, c);
  if (auto* a = args.AsStaticNorm())
    c.one_in(2) ? set_limit(a->epsilon, kEpsilonRange, c)
                : set_limit(a->scale, kStaticNormScaleRange, c);
  if (auto* a = args.AsStaticQuantise()) set_limit(a->scale, kStaticQuantiseScaleRange, c);
  if (auto* a = args.AsStaticAdd()) set_limit(a->scale, kStaticAddScaleRange, c);
  if (auto* a = args.AsHeadNorm()) set_limit(a->epsilon, kEpsilonRange, c);
  if (auto* a = args.AsRotatePairs(); a && !a->scale.empty())
    set_limit(c.of(a->scale), kScaleRange, c);
  if (auto* a = args.AsMultiply()) set_limit(a->scale, kScaleRange, c);
  if (auto* a = args.AsRollout(); a && !a->score_scale.empty())
    set_limit(c.of(a->score_scale), kScaleRange, c);
  if (auto* a = attention_of(*op))
    if (!a->score_scale.empty()) {
      const size_t head_dim =
          a->k < p.tensors.size() ? p.tensors[a->k]->cols / a->score_scale.size() : 1;
      const float limit = kScoreScaleLimit / static_cast<float>(head_dim ? head_dim : 1);
      set_limit(c.of(a->score_scale), {0x1p-40f, limit}, c);
      if (c.one_in(20)) a->score_scale.push_back(1);
      if (c.one_in(20)) a->score_scale.pop_back();
    }
}

void damage_numbers(ProgramT& p, Choices& c) {
  schema::OpT* op = some_op(p, c);
  if (!op) return;
  schema::OpArgsUnion& args = op->args;
  const auto zero_point = [&](int8_t& value) { value = static_cast<int8_t>(c.next()); };
  if (auto* a = args.AsLinear()) switch (c.below(5)) {
      case 0: a->weights = odd_size(c, a->weights); break;
      case 1: a->channels = odd_size(c, a->channels); break;
      case 2: a->activation = static_cast<schema::Activation>(c.below(4)); break;
      case 3: a->fraction_bits = static_cast<uint8_t>(c.between(4, 15)); break;
      default: zero_point(a->zero_point);
    }
  if (auto* a = attention_of(*op)) a->workspace = odd_size(c, a->workspace);
  if (auto* a = args.AsBiasedAttention()) switch (c.below(5)) {
      case 0: a->bias = odd_size(c, a->bias); break;
      case 1: a->regions = odd_size(c, a->regions); break;
      case 2: a->has_regions = !a->has_regions; break;
      case 3: a->bias_shift.resize(c.below(a->bias_shift.size() + 2)); break;
      default:
        if (!a->bias_shift.empty()) c.of(a->bias_shift) = static_cast<uint8_t>(c.below(12));
    }
  if (auto* a = args.AsGatherRows()) a->index = odd_size(c, a->index);
  if (auto* a = args.AsHeadNorm()) switch (c.below(2)) {
      case 0: a->channels = odd_size(c, a->channels); break;
      default: a->head_dim = static_cast<uint32_t>(odd_size(c, a->head_dim));
    }
  if (auto* a = args.AsRotatePairs()) {
    if (c.one_in(2))
      a->turns = odd_size(c, a->turns);
    else
      a->scale.resize(c.below(a->scale.size() + 2), 1);
  }
  if (auto* a = args.AsStridedPatches()) {
    uint32_t& pixels = c.one_in(2) ? a->patch : a->stride;
    pixels = static_cast<uint32_t>(odd_size(c, pixels));
  }
  if (auto* a = args.AsRollout()) {
    if (c.one_in(2))
      a->workspace = odd_size(c, a->workspace);
    else
      a->score_scale.resize(c.below(a->score_scale.size() + 2), 1);
  }
  if (auto* a = args.AsArgMax()) a->first = static_cast<uint32_t>(odd_size(c, a->first));
  if (auto* a = args.AsPickRows()) a->leading = static_cast<uint32_t>(odd_size(c, a->leading));
  if (auto* a = args.AsPatchRows()) a->patch = static_cast<uint32_t>(odd_size(c, a->patch));
  if (auto* a = args.AsLookup()) a->table = odd_size(c, a->table);
  if (auto* a = args.AsNorm()) a->channels = odd_size(c, a->channels);
  if (auto* a = args.AsAffine()) a->channels = odd_size(c, a->channels);
  if (auto* a = args.AsStaticNorm()) zero_point(a->zero_point);
  if (auto* a = args.AsStaticQuantise()) zero_point(a->zero_point);
}

void damage_step(ProgramT& p, Choices& c) {
  schema::StepT& s = *c.of(p.steps);
  switch (c.below(5)) {
    case 0: s.rows = static_cast<uint32_t>(odd_size(c, s.rows)); return;
    case 1: s.tile_rows = static_cast<uint32_t>(odd_size(c, s.tile_rows)); return;
    case 2:
      s.tile_rows = static_cast<uint32_t>(1 + c.below(2 * size_t{s.rows & 0xffff} + 1));
      return;
    case 3: s.scratch_offset = odd_size(c, s.scratch_offset); return;
    default: s.scratch_bytes = odd_size(c, s.scratch_bytes);
  }
}

void damage_order(ProgramT& p, Choices& c) {
  auto& steps = p.steps;
  const size_t at = c.below(steps.size()), other = c.below(steps.size());
  auto &ops = steps[at]->ops, &other_ops = steps[other]->ops;
  switch (c.below(7)) {
    case 0: std::swap(steps[at], steps[other]); return;
    case 1:
      steps.insert(steps.begin() + static_cast<ptrdiff_t>(other),
                   std::make_unique<schema::StepT>(*steps[at]));
      return;
    case 2: steps.erase(steps.begin() + static_cast<ptrdiff_t>(at)); return;
    case 3:  // joins two steps
      if (at == other) return;
      for (auto& op : other_ops) ops.push_back(std::move(op));
      steps.erase(steps.begin() + static_cast<ptrdiff_t>(other));
      return;
    case 4:
      if (!ops.empty()) {
        const auto place = static_cast<ptrdiff_t>(c.below(other_ops.size() + 1));
        auto op = std::make_unique<schema::OpT>(*c.of(ops));
        other_ops.insert(other_ops.begin() + place, std::move(op));
      }
      return;
    case 5:
      if (ops.size() > 1) ops.erase(ops.begin() + static_cast<ptrdiff_t>(c.below(ops.size())));
      return;
    default:
      if (ops.size() > 1) std::swap(c.of(ops), c.of(ops));
  }
}

template <class T>
void store(std::vector<uint8_t>& bytes, uint64_t index, T value) {
  if (bytes.size() < sizeof value) return;
  const auto at = static_cast<size_t>(index % (bytes.size() / sizeof value) * sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void damage_constants(ProgramT& p, Choices& c) {
  auto& bytes = p.constants;
  // The channels contain the floats that matter.
  const schema::OpT* op = some_op(p, c);
  uint64_t channels = c.next();
  if (op && op->args.AsLinear()) channels = op->args.AsLinear()->channels;
  if (op && op->args.AsNorm()) channels = op->args.AsNorm()->channels;
  if (op && op->args.AsAffine()) channels = op->args.AsAffine()->channels;
  if (op && op->args.AsHeadNorm()) channels = op->args.AsHeadNorm()->channels;
  if (op && op->args.AsRotatePairs()) channels = op->args.AsRotatePairs()->turns;
  const uint64_t anywhere = c.next(), channel = channels / 4 + c.below(64);
  switch (c.below(6)) {
    case 0: return store(bytes, anywhere, static_cast<uint8_t>(c.next()));
    case 1: return store(bytes, anywhere, static_cast<int16_t>(c.one_in(2) ? 32767 : -32768));
    case 2: return store(bytes, channel, odd_float(c));
    case 3: return store(bytes, channel, c.signed_magnitude(0x1p-40f, 0x1p40f));
    case 4: {
      float now = 0;
      if (bytes.size() < 4) return;
      std::memcpy(&now, bytes.data() + channel % (bytes.size() / 4) * 4, 4);
      return store(bytes, channel, std::ldexp(now, static_cast<int>(c.between(-20, 20))));
    }
    default: bytes.resize(bytes.size() - std::min(bytes.size(), c.below(130)));
  }
}

void damage_preprocessing(ProgramT& p, Choices& c) {
  schema::PreprocessingT& q = *p.preprocessing;
  uint32_t* const sizes[] = {&q.image_size,    &q.resize,      &q.resize_width,
                             &q.resize_height, &q.image_width, &q.image_height};
  switch (c.below(5)) {
    case 0: {
      uint32_t& size = *c.of(sizes);
      size = static_cast<uint32_t>(odd_size(c, size));
      return;
    }
    case 1: q.mode = static_cast<schema::ResizeMode>(c.below(6)); return;
    case 2: q.rescale = odd_float(c); return;
    case 3:
      if (!q.mean.empty()) c.of(q.mean) = odd_float(c);
      return;
    default:
      if (!q.std.empty()) c.of(q.std) = odd_float(c);
  }
}

void damage_ends(ProgramT& p, Choices& c) {
  const auto tensor = [&] { return static_cast<uint32_t>(c.below(p.tensors.size() + 1)); };
  switch (c.below(8)) {
    case 0: p.input = tensor(); return;
    case 1:
      p.output = tensor();
      if (!p.outputs.empty()) p.outputs[0]->tensor = p.output;
      return;
    case 2: {
      auto output = std::make_unique<schema::OutputT>();
      output->name = std::string(c.below(3), 'x');
      output->kind = static_cast<schema::OutputKind>(c.below(6));
      output->tensor = p.outputs.empty() ? p.output : tensor();
      p.outputs.push_back(std::move(output));
      return;
    }
    case 3: p.labels.resize(c.below(p.labels.size() + 3)); return;
    case 4: p.golden.clear(); return;
    case 5:
      if (!p.golden.empty()) c.of(p.golden)->logits.resize(c.below(20));
      return;
    case 6: p.residual_scale = odd_float(c); return;
    default: return damage_preprocessing(p, c);
  }
}

}  // namespace

std::vector<OperandRef> operands_of(schema::OpT& op) {
  schema::OpArgsUnion& args = op.args;
  if (auto* a = args.AsPatchRows()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsCopy()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsLayerNorm()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsQuantiseRows()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsLinear()) return {ref(a->src), ref(a->addend), ref(a->dst)};
  if (auto* a = attention_of(op)) return {ref(a->q), ref(a->k), ref(a->v), ref(a->dst)};
  if (auto* a = args.AsMeanRows()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsStaticNorm()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsStaticQuantise()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsLookup()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsStaticAdd()) return {ref(a->src), ref(a->addend), ref(a->dst)};
  if (auto* a = args.AsNorm()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsTranspose()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsGatherRows()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsHeadNorm()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsRotatePairs()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsStridedPatches()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsRollout()) return {ref(a->v), ref(a->q), ref(a->k), ref(a->dst)};
  if (auto* a = args.AsArgMax()) return {ref(a->src), ref(a->dst)};
  if (auto* a = args.AsPickRows()) return {ref(a->src), ref(a->index), ref(a->dst)};
  if (auto* a = args.AsAffine()) return {ref(a->src), ref(a->addend), ref(a->dst)};
  if (auto* a = args.AsMultiply()) return {ref(a->a), ref(a->b), ref(a->dst)};
  return {};
}

schema::AttentionT* attention_of(schema::OpT& op) {
  if (auto* a = op.args.AsBiasedAttention()) return a->attention.get();
  return op.args.AsAttention();
}

int64_t destination_of(schema::OpT& op) {
  const auto refs = operands_of(op);
  return refs.empty() ? -1 : refs.back().get();
}

void damage(ProgramT& p, Choices& c) {
  if (p.tensors.empty() || p.steps.empty() || !p.preprocessing) return;
  switch (c.below(12)) {
    case 0:
    case 1: return damage_tensor(p, c);
    case 2:
    case 3: return damage_operand(p, c);
    case 4: return damage_floats(p, c);
    case 5: return damage_numbers(p, c);
    case 6: return damage_step(p, c);
    case 7:
    case 8: return damage_order(p, c);
    case 9:
    case 10: return damage_constants(p, c);
    default: return damage_ends(p, c);
  }
}

}  // namespace vitro::fuzz
