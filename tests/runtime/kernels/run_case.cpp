// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {

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
