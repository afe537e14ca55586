// SPDX-License-Identifier: Apache-2.0
// The transpositions are those of timm's loader of JAX releases (_load_weights in
// vision_transformer.py, 1.0.31).
#include "models/names/layout.h"

namespace vitro::converter {
namespace {

/// [rows, cols] to [cols, rows].
TensorView transposed(const TensorView& view, size_t rows, size_t cols,
                      const std::vector<size_t>& shape) {
  std::vector<float> data(rows * cols);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t col = 0; col < cols; ++col) data[col * rows + row] = view.data[row * cols + col];
  }
  TensorView result = view;
  result.shape = shape;
  result.owned = std::make_shared<const std::vector<float>>(std::move(data));
  result.data = result.owned->data();
  return result;
}

}  // namespace

bool has_rank(Layout layout, const std::vector<size_t>& shape) {
  switch (layout) {
    case Layout::Same: return true;
    case Layout::Linear:
    case Layout::Rows:
    case Layout::HeadsInBias: return shape.size() == 2;
    case Layout::HeadsIn:
    case Layout::HeadsOut: return shape.size() == 3;
    case Layout::Convolution: return shape.size() == 4;
  }
  return false;
}

TensorView canonical_layout(const TensorView& view, Layout layout) {
  const std::vector<size_t>& s = view.shape;
  switch (layout) {
    case Layout::Same: return view;
    case Layout::Linear: return transposed(view, s[0], s[1], {s[1], s[0]});
    case Layout::HeadsIn: return transposed(view, s[0], s[1] * s[2], {s[1] * s[2], s[0]});
    case Layout::HeadsOut: return transposed(view, s[0] * s[1], s[2], {s[2], s[0] * s[1]});
    case Layout::Rows: {
      TensorView rows = view;
      rows.shape.insert(rows.shape.begin(), 1);
      return rows;
    }
    case Layout::HeadsInBias: {
      TensorView flat = view;
      flat.shape = {s[0] * s[1]};
      return flat;
    }
    case Layout::Convolution: {
      // [height * width, in, out] to [out, in, height * width]
      const TensorView channels_last =
          transposed(view, s[0] * s[1] * s[2], s[3], {s[3], s[0] * s[1], s[2]});
      std::vector<float> data(channels_last.owned->size());
      const size_t pixels = s[0] * s[1];
      for (size_t out = 0; out < s[3]; ++out) {
        for (size_t pixel = 0; pixel < pixels; ++pixel) {
          for (size_t in = 0; in < s[2]; ++in)
            data[(out * s[2] + in) * pixels + pixel] =
                channels_last.data[(out * pixels + pixel) * s[2] + in];
        }
      }
      TensorView result = view;
      result.shape = {s[3], s[2], s[0], s[1]};
      result.owned = std::make_shared<const std::vector<float>>(std::move(data));
      result.data = result.owned->data();
      return result;
    }
  }
  return view;
}

}  // namespace vitro::converter
