// attention for AArch64 with SMMLA: eight queries at a time, the weights as two halves of 7 bits.
#include "runtime/kernels/attention/neon_halves.h"
#include "runtime/kernels/neon_i8mm_tile.h"

namespace vitro::neon_i8mm {

void attention(const AttentionArgs& args) { attention_by_halves<kTileRows, multiply_panel>(args); }

}  // namespace vitro::neon_i8mm
