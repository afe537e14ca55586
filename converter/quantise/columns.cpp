// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/columns.h"

#include <algorithm>

#include "converter/base/parallel.h"
#include "converter/quantise/units.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace {

std::vector<float> in_range(const std::string& node, const std::vector<double>& values) {
  std::vector<float> out(values.size());
  for (size_t i = 0; i < values.size(); ++i) out[i] = channel_value(node, values[i]);
  return out;
}

Activations of_shape(const Activations& like, size_t rows, size_t cols) {
  return Activations(schema::Format::S16, rows, cols, 1, like.pictures.size());
}

}  // namespace

Columns law_columns(const std::string& node, const std::vector<double>& scale,
                    const std::vector<double>& shift) {
  return {in_range(node, scale), in_range(node, shift)};
}

Columns in_units(const std::string& node, const Columns& columns, const std::vector<float>& from,
                 const std::vector<double>& to) {
  std::vector<double> scale, shift;
  scale.reserve(to.size()), shift.reserve(to.size());
  for (size_t c = 0; c < to.size(); ++c) {
    const float step = from.empty() ? 1 : from.size() == 1 ? from[0] : from[c];
    scale.push_back(static_cast<double>(columns.scale[c]) * static_cast<double>(step) / to[c]);
    shift.push_back(static_cast<double>(columns.shift[c]) / to[c]);
  }
  return law_columns(node, scale, shift);
}

uint64_t add_columns(Draft& draft, const Columns& columns) {
  std::vector<float> both = columns.scale;
  both.insert(both.end(), columns.shift.begin(), columns.shift.end());
  return draft.add_constant(both);
}

Activations run_norm(const Activations& fixed, float epsilon, const Columns& columns,
                     size_t threads) {
  Activations out = of_shape(fixed, fixed.rows, fixed.cols);
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    for (size_t r = 0; r < out.rows; ++r)
      law::norm(fixed.at<int16_t>(i) + r * out.cols, out.cols, epsilon, columns.scale.data(),
                columns.shift.data(), out.at<int16_t>(i) + r * out.cols);
  });
  return out;
}

Activations run_affine(const Activations& fixed, const Columns& columns, const Activations* addend,
                       size_t threads) {
  Activations out = of_shape(fixed, fixed.rows, fixed.cols);
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    const int16_t* x = fixed.at<int16_t>(i);
    const int16_t* onto = addend ? addend->at<int16_t>(i) : nullptr;
    int16_t* y = out.at<int16_t>(i);
    for (size_t r = 0; r < out.rows; ++r)
      for (size_t c = 0; c < out.cols; ++c, ++x, ++y) {
        const int16_t h = law::affine(*x, columns.scale[c], columns.shift[c]);
        *y = onto ? law::sat16(*onto++ + h) : h;
      }
  });
  return out;
}

Value lower_affine(Lowering& l, const FusedNode& f, size_t x, const std::optional<size_t>& addend,
                   const Columns& columns) {
  const Value& from = l.input(f, x);
  const Columns ready = in_units(f.name, columns, from.unit,
                                 std::vector<double>(f.cols, static_cast<double>(l.unit(f))));
  schema::AffineT args;
  args.src = l.leading(from.tensor, f.rows);
  args.channels = add_columns(l.draft, ready);
  Value v;
  v.unit = {l.unit(f)};
  std::vector<uint32_t> reads = {args.src};
  if (addend) {
    const Value& onto = l.input(f, *addend);
    const uint32_t tensor = l.leading(onto.tensor, f.rows);
    v.activations = run_affine(from.activations, ready, &onto.activations, l.threads());
    args.addend = static_cast<int32_t>(tensor);
    args.dst = v.tensor = f.in_place ? tensor : l.destination(f, f.name);
    reads.push_back(tensor);
  } else {
    v.activations = run_affine(from.activations, ready, nullptr, l.threads());
    args.dst = v.tensor = l.destination(f, f.name);
  }
  l.draft.add_op(f.name, args, std::move(reads), {args.dst});
  if (!f.is_conversion) l.tap(f, f.name, v);
  return v;
}

Activations run_gather_rows(const Activations& fixed, const std::vector<uint32_t>& index,
                            size_t taps, size_t threads) {
  Activations out = of_shape(fixed, index.size() / taps, fixed.cols * taps);
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    int16_t* y = out.at<int16_t>(i);
    for (const uint32_t row : index) {
      if (row == GatherRows::kNoRow)
        std::fill_n(y, fixed.cols, int16_t{0});
      else
        std::copy_n(fixed.at<int16_t>(i) + row * fixed.cols, fixed.cols, y);
      y += fixed.cols;
    }
  });
  return out;
}

Activations run_transpose(const Activations& fixed, size_t width, size_t threads) {
  Activations out = of_shape(fixed, fixed.cols, width);
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    for (size_t r = 0; r < fixed.rows; ++r)
      for (size_t c = 0; c < fixed.cols; ++c)
        out.at<int16_t>(i)[c * width + r] = fixed.at<int16_t>(i)[r * fixed.cols + c];
  });
  return out;
}

}  // namespace vitro::converter
