// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "runtime/core/bounds.h"
#include "runtime/core/layout.h"
#include "runtime/kernels/kernels.h"
#include "tests/fuzz/programs/grow.h"

namespace vitro::fuzz {

using schema::Format;
using schema::ProgramT;

void grow_parts(ProgramT& p, const Compared& compared, Choices& c) {
  const uint32_t tokens = p.tensors[compared.k]->rows, heads = p.tensors[compared.k]->heads;
  int32_t row = -1;
  for (size_t layers = 1 + c.below(2); layers > 0; --layers) {
    schema::RolloutT a;
    a.v = row, a.q = compared.q, a.k = compared.k;
    a.dst = add_tensor(p, Format::F32, heads, tokens);
    for (uint32_t h = 0; h < heads; ++h)
      a.score_scale.push_back(
          c.magnitude(0x1p-24f, kScoreScaleLimit / static_cast<float>(compared.head_dim)));
    row = static_cast<int32_t>(a.dst);
    append_step(p, heads, c);
    append_op(p, a);
  }
  schema::ArgMaxT best;
  best.src = static_cast<uint32_t>(row), best.first = static_cast<uint32_t>(c.below(tokens));
  best.dst = add_tensor(p, Format::F32, heads, 1);
  append_step(p, heads, c);
  append_op(p, best);
  const auto src = written(p, Format::S16, c);
  if (!src) return;
  schema::PickRowsT pick;
  pick.src = *src, pick.index = best.dst;
  pick.leading = static_cast<uint32_t>(c.below(size_t{p.tensors[*src]->rows} % 64 + 1));
  const uint32_t rows = pick.leading + heads;
  pick.dst = add_tensor(p, Format::S16, rows, p.tensors[*src]->cols);
  append_step(p, rows, c);
  append_op(p, pick);
}

void grow_patches(ProgramT& p, Choices& c) {
  if (p.input >= p.tensors.size()) return;
  const uint32_t height = p.tensors[p.input]->rows, width = p.tensors[p.input]->cols / 3;
  schema::StridedPatchesT a;
  a.src = p.input;
  a.patch = static_cast<uint32_t>(1 + c.below(12));
  a.stride = static_cast<uint32_t>(1 + c.below(16));
  if (height < a.patch || width < a.patch || height > 512 || width > 512) return;
  const uint32_t rows = ((height - a.patch) / a.stride + 1) * ((width - a.patch) / a.stride + 1);
  a.dst = add_tensor(p, Format::RowS8, rows,
                     static_cast<uint32_t>(align_up(uint64_t{a.patch} * a.patch * 3, 4)));
  append_step(p, rows, c);
  append_op(p, a);
  // Later steps may write where the picture was.
  std::rotate(p.steps.begin(), p.steps.end() - 1, p.steps.end());
}

}  // namespace vitro::fuzz
