// SPDX-License-Identifier: Apache-2.0
// Small programs for tests of the runtime, made as the tool makes them, once per process.
#pragma once

#include <vector>

#include "converter/base/aligned_bytes.h"
#include "converter/draft/program_object_generated.h"

namespace vitro {

enum class Small {
  shallow,      // one block: as few bytes of structure as possible, with every kind of op except
                // mean_rows
  plain,        // two blocks, two heads, labels
  distilled,    // distillation token and head: an F32 addend
  mean_pooled,  // fc_norm
  without_class_token,  // norm, then mean: linears to S16
  narrow_heads,         // heads of 20 columns
  many_tokens,          // 257 tokens: work for seven threads, many tiles
  odd_widths,     // patches, heads, MLP and stream with widths that are padded to multiples of 4
  static_scales,  // shallow, with static activations
  mlp_mixer,      // norm, transpose, affine with an addend
  resmlp,         // affine with and without an addend
};

constexpr Small kAllSmall[] = {Small::shallow,
                               Small::plain,
                               Small::distilled,
                               Small::mean_pooled,
                               Small::without_class_token,
                               Small::narrow_heads,
                               Small::many_tokens,
                               Small::odd_widths,
                               Small::static_scales,
                               Small::mlp_mixer,
                               Small::resmlp};

const char* name_of(Small model);
const AlignedBytes& small_program(Small model);

/// The file of a program that was changed through the object API. Where it has a digest, that of
/// the changed file. `data` starts at a multiple of 64.
AlignedBytes pack(const schema::ProgramT& program);
schema::ProgramT unpack(const AlignedBytes& file);
AlignedBytes copy_of(const AlignedBytes& file);

}  // namespace vitro
