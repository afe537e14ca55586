// SPDX-License-Identifier: Apache-2.0
// vitro_open: everything that could go wrong later is refused here.
#include <string.h>

#include "runtime/core/outputs.h"
#include "runtime/ops/ops.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

// Adds what the op costs to what those before it cost together.
bool affordable(Checker& checker, const schema::Op& op, vitro_work_info& total) {
  const vitro_work_info work = work_of(op, checker.step(), checker.program());
  total.macs += work.macs;
  total.bytes += work.bytes;
  total.calls += work.calls;
  return checker.limit(
      total.macs <= kMaxMacs && total.bytes <= kMaxBytes && total.calls <= kMaxCalls,
      "more work than this runtime takes");
}

bool verify_step(Checker& checker, const schema::Step& step, vitro_work_info& total) {
  if (!checker.check(step.rows() > 0 && step.rows() < kMaxExtent && step.tile_rows() > 0 &&
                         step.tile_rows() < kMaxExtent,
                     "a step with an impossible number of rows") ||
      !checker.check(step.scratch_offset() % 64 == 0 && step.scratch_bytes() % 64 == 0 &&
                         step.scratch_offset() <= kMaxArenaBytes &&
                         step.scratch_bytes() <= kMaxScratchBytes,
                     "a step with impossible scratch") ||
      !checker.check(step.ops()->size() > 0, "a step without ops"))
    return false;
  for (unsigned i = 0; i < step.ops()->size(); ++i) {
    checker.enter_op(i);
    const schema::Op& op = *step.ops()->Get(i);
    if (!op_type(op.args_type())->verify(checker, op.args()) || !affordable(checker, op, total))
      return false;
  }
  return true;
}

// Each mode has its own fields, and those of the others are 0: runtimes that know shorter sides
// alone refuse a resize of 0.
bool resize_sound(const schema::Preprocessing& p) {
  const uint32_t width = p.resize_width(), height = p.resize_height();
  switch (p.mode()) {
    case schema::ResizeMode::ShorterSide:
      return p.resize() > 0 && p.resize() < kMaxExtent && width == 0 && height == 0;
    case schema::ResizeMode::LongerSide:
    case schema::ResizeMode::Exact:
    case schema::ResizeMode::Cover:
      return p.resize() == 0 && width > 0 && width < kMaxExtent && height > 0 &&
             height < kMaxExtent;
    default: return p.resize() == 0 && width == 0 && height == 0;
  }
}

bool verify_preprocessing(Checker& checker, const schema::Preprocessing& p,
                          const schema::Tensor& input) {
  const bool square = p.image_width() == 0 && p.image_height() == 0;
  const uint32_t width = square ? p.image_size() : p.image_width(),
                 height = square ? p.image_size() : p.image_height();
  if (!checker.check((square || p.image_size() == 0) && height == input.rows() &&
                         uint64_t{width} * 3 == input.cols(),
                     "the picture size does not match the input tensor") ||
      !checker.check(resize_sound(p), "the resize sizes do not fit the resize mode") ||
      !checker.check(!p.fill() || p.fill()->size() == 3, "fill does not have three channels") ||
      !checker.check(p.mean() && p.mean()->size() == 3 && p.std() && p.std()->size() == 3,
                     "mean or std does not have three channels"))
    return false;
  if (!checker.float_in_range(p.rescale(), kRescaleRange)) return false;
  for (unsigned c = 0; c < 3; ++c)
    if (!checker.float_in_range(p.mean()->Get(c), kMeanRange) ||
        !checker.float_in_range(p.std()->Get(c), kDeviationRange))
      return false;
  return true;
}

bool verify_output(Checker& checker, const ProgramOutput& output, uint32_t index) {
  const schema::Program& p = checker.program();
  if (!checker.check(output.tensor < p.tensors()->size(), "an output is not a tensor"))
    return false;
  const schema::Tensor& t = *p.tensors()->Get(output.tensor);
  if (!checker.check(t.format() == schema::Format::F32 && t.storage() == schema::Storage::Arena,
                     "an output is not F32 in the arena") ||
      !checker.check(output.kind != schema::OutputKind::Logits || (index == 0 && t.rows() == 1),
                     "logits are not the first output or have more than one row") ||
      !checker.check(output.name[0] != 0 && output.name_bytes <= kMaxOutputName,
                     "an output without a name, or with a longer one than 255 bytes"))
    return false;
  for (uint32_t before = 0; before < index; ++before)
    if (strcmp(output_of(p, before).name, output.name) == 0)
      return checker.fail("two outputs have the same name");
  return true;
}

bool verify_outputs(Checker& checker) {
  const schema::Program& p = checker.program();
  const uint32_t count = output_count(p);
  for (uint32_t i = 0; i < count; ++i)
    if (!verify_output(checker, output_of(p, i), i)) return false;
  const ProgramOutput first = output_of(p, 0);
  const schema::Tensor& t = *p.tensors()->Get(first.tensor);
  if (!checker.check(p.output() == first.tensor,
                     "the first of outputs is not the tensor of output") ||
      !checker.check(
          !p.labels() || p.labels()->size() == 0 ||
              (first.kind == schema::OutputKind::Logits && p.labels()->size() == t.cols()),
          "the number of labels is not the number of classes"))
    return false;
  for (const schema::Golden* golden : *p.golden()) {
    const size_t digests = golden->digests() ? golden->digests()->size() : 0;
    if (!checker.check(golden->logits()->size() == uint64_t{t.rows()} * t.cols(),
                       "a golden vector of the wrong length") ||
        !checker.check(digests == count - 1,
                       "a golden vector does not have a digest for each further output"))
      return false;
  }
  return true;
}

bool verify_program(Checker& checker) {
  const schema::Program& p = checker.program();
  if (!checker.check(reinterpret_cast<uintptr_t>(p.constants()->Data()) % VITRO_ALIGNMENT == 0,
                     "the constants do not start at a multiple of 64"))
    return false;
  for (const schema::Tensor* tensor : *p.tensors())
    if (!checker.tensor_sound(*tensor)) return false;
  if (!checker.check(p.steps()->size() > 0, "a program without steps")) return false;
  if (!checker.check(p.input() < p.tensors()->size(), "the input is not a tensor")) return false;
  const schema::Tensor& input = *p.tensors()->Get(p.input());
  if (!checker.check(
          input.format() == schema::Format::U8 && input.storage() == schema::Storage::Arena,
          "the input is not U8 in the arena") ||
      !checker.float_in_range(p.residual_scale(), kScaleRange) ||
      !verify_preprocessing(checker, *p.preprocessing(), input) || !verify_outputs(checker))
    return false;

  vitro_work_info total = {};
  for (unsigned s = 0; s < p.steps()->size(); ++s) {
    checker.enter_step(s);
    if (!verify_step(checker, *p.steps()->Get(s), total)) return false;
  }
  for (uint32_t i = 0; i < output_count(p); ++i)
    if (!checker.output_written(output_of(p, i).tensor)) return false;
  return true;
}

bool op_known(const schema::Op& op) {
  if (!op_type(op.args_type())) return false;
  const schema::Linear* linear = op.args_as_Linear();
  return !linear || linear->activation() <= schema::Activation::MAX;
}

constexpr const char* kTooMany =
    "more tensors, steps, ops, outputs or golden vectors than this runtime takes";

// What a newer converter may have appended is "unsupported", not "corrupt". Null, or what it is.
const char* unsupported(const schema::Program& p) {
  if (p.version() != kFormatVersion) return "another version of the format";
  if (p.tensors()->size() > kMaxTensors || p.golden()->size() > kMaxGoldens ||
      output_count(p) > kMaxOutputs || p.steps()->size() > kMaxOps)
    return kTooMany;
  for (const schema::Tensor* tensor : *p.tensors())
    if (tensor->format() > schema::Format::MAX || tensor->storage() > schema::Storage::MAX)
      return "a format or storage of a newer version";
  const schema::Preprocessing& photo = *p.preprocessing();
  if (photo.filter() > schema::Filter::MAX || photo.mode() > schema::ResizeMode::MAX ||
      photo.centring() > schema::Centring::MAX || photo.orientation() > schema::Orientation::MAX ||
      photo.passes() > schema::PassOrder::MAX)
    return "preprocessing of a newer version";
  for (uint32_t i = 0; i < output_count(p); ++i)
    if (output_of(p, i).kind > schema::OutputKind::MAX) return "an output of a newer version";
  size_t ops = 0;
  for (const schema::Step* step : *p.steps()) {
    ops += step->ops()->size();
    if (ops > kMaxOps || step->ops()->size() > kMaxStepOps) return kTooMany;
    for (const schema::Op* op : *step->ops())
      if (!op_known(*op)) return "an op of a newer version";
  }
  return nullptr;
}

}  // namespace

}  // namespace vitro

extern "C" vitro_status vitro_open(const void* data, size_t size, vitro_program* program) {
  using namespace vitro;
  if (!program) return VITRO_BAD_ARGUMENT;
  *program = {nullptr, 0, nullptr};
  if (!data) return VITRO_BAD_ARGUMENT;
  if (size < 64 || memcmp(static_cast<const char*>(data) + 4, schema::ProgramIdentifier(), 4) != 0)
    return VITRO_NOT_A_PROGRAM;
  if (reinterpret_cast<uintptr_t>(data) % VITRO_ALIGNMENT != 0) return VITRO_PROGRAM_MISALIGNED;
  if (size >= kMaxFileBytes) {
    program->fault = "larger than 2 GiB";
    return VITRO_UNSUPPORTED;
  }

  flat::Verifier structure(static_cast<const uint8_t*>(data), size, kMaxNesting, kMaxTables);
  if (!schema::VerifyProgramBuffer(structure)) {
    program->fault = "truncated or damaged structure";
    return VITRO_CORRUPT;
  }
  const schema::Program& p = *schema::GetProgram(data);
  program->fault = unsupported(p);
  if (program->fault) return VITRO_UNSUPPORTED;
  Checker checker(p, size, operands_of);
  if (!verify_program(checker)) {
    program->fault = checker.fault();
    return checker.exceeded() ? VITRO_UNSUPPORTED : VITRO_CORRUPT;
  }
  *program = {data, size, nullptr};
  return VITRO_OK;
}
