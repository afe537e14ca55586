// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

// Copies the source that the case has in place to the destination.
template <typename Number>
void place(const Case& c, const Number*& first, const Number*& second, uint8_t* dst) {
  if (c.in_place == Case::InPlace::none) return;
  const Number*& source = c.in_place == Case::InPlace::first ? first : second;
  memcpy(dst, source, c.bytes);
  source = reinterpret_cast<const Number*>(dst);
}

}  // namespace

void run(const Case& c, const KernelTable& table, uint8_t* dst) {
  switch (c.kernel) {
    case Case::Kernel::linear: {
      LinearArgs args = c.linear;
      args.dst = dst;
      return table.linear(args);
    }
    case Case::Kernel::layer_norm: {
      LayerNormArgs args = c.layer_norm;
      args.dst = reinterpret_cast<int8_t*>(dst);
      args.dst_rows = reinterpret_cast<RowParams*>(dst + c.params_at);
      return table.layer_norm(args);
    }
    case Case::Kernel::quantise_rows: {
      QuantiseRowsArgs args = c.quantise_rows;
      args.dst = reinterpret_cast<int8_t*>(dst);
      args.dst_rows = reinterpret_cast<RowParams*>(dst + c.params_at);
      return table.quantise_rows(args);
    }
    case Case::Kernel::attention: {
      AttentionArgs args = c.attention;
      args.dst = reinterpret_cast<int16_t*>(dst);
      return table.attention(args);
    }
    case Case::Kernel::silu: {
      SiluArgs args = c.silu;
      args.values = reinterpret_cast<int16_t*>(dst);
      memcpy(dst, c.silu.values, c.silu.count * 2);
      return table.silu(args);
    }
    case Case::Kernel::affine: {
      AffineArgs args = c.affine;
      args.dst = reinterpret_cast<int16_t*>(dst);
      place(c, args.src, args.addend, dst);
      return table.affine(args);
    }
    case Case::Kernel::multiply: {
      MultiplyArgs args = c.multiply;
      args.dst = reinterpret_cast<int16_t*>(dst);
      place(c, args.a, args.b, dst);
      return table.multiply(args);
    }
    case Case::Kernel::rotate_pairs: {
      RotatePairsArgs args = c.rotate_pairs;
      args.dst = reinterpret_cast<int8_t*>(dst);
      return table.rotate_pairs(args);
    }
    case Case::Kernel::norm: {
      NormArgs args = c.norm;
      args.dst = reinterpret_cast<int16_t*>(dst);
      place(c, args.src, args.src, dst);
      return table.norm(args);
    }
    case Case::Kernel::head_norm: {
      HeadNormArgs args = c.head_norm;
      args.dst = reinterpret_cast<int8_t*>(dst);
      return table.head_norm(args);
    }
    case Case::Kernel::static_norm: {
      StaticNormArgs args = c.static_norm;
      args.dst = reinterpret_cast<int8_t*>(dst);
      return table.static_norm(args);
    }
    case Case::Kernel::static_quantise: {
      StaticQuantiseArgs args = c.static_quantise;
      args.dst = reinterpret_cast<int8_t*>(dst);
      return table.static_quantise(args);
    }
    case Case::Kernel::static_add: {
      StaticAddArgs args = c.static_add;
      args.dst = reinterpret_cast<int16_t*>(dst);
      place(c, args.addend, args.addend, dst);
      return table.static_add(args);
    }
    case Case::Kernel::lookup: {
      LookupArgs args = c.lookup;
      args.dst = reinterpret_cast<int8_t*>(dst);
      place(c, args.src, args.src, dst);
      return table.lookup(args);
    }
    case Case::Kernel::add_softmax: {
      AddSoftmaxArgs args = c.add_softmax;
      args.dst = reinterpret_cast<float*>(dst);
      memcpy(args.scores, c.scores, args.tokens * sizeof *args.scores);
      return table.add_softmax(args);
    }
  }
}

size_t macs(const Case& c) {
  switch (c.kernel) {
    case Case::Kernel::linear: return c.linear.m * c.linear.k * c.linear.n;
    case Case::Kernel::attention:
      return c.attention.m * c.attention.tokens * c.attention.heads *
             (c.attention.head_dim + c.attention.value_dim);
    default: return 0;
  }
}

}  // namespace vitro
