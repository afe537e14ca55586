// SPDX-License-Identifier: Apache-2.0
// Int16 values whose columns are scaled and shifted: the constants of such operations, and the
// operations over all calibration pictures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "converter/draft/draft.h"
#include "converter/quantise/activations.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

/// What the operations norm and affine hold of each column.
struct Columns {
  std::vector<float> scale, shift;
};

/// In units of what is written, rounded to the law's range: what is below it counts as 0. Throws
/// NodeFault, naming the node, for what is beyond.
Columns law_columns(const std::string& node, const std::vector<double>& scale,
                    const std::vector<double>& shift);

/// law_columns of real numbers: of what is read in units of `from` (of all columns, or of each;
/// empty: 1), and written in units of `to`, one for each column.
Columns in_units(const std::string& node, const Columns& columns, const std::vector<float>& from,
                 const std::vector<double>& to);

/// To the draft's constants: all scales, then all shifts.
uint64_t add_columns(Draft& draft, const Columns& columns);

Activations run_norm(const Activations& fixed, float epsilon, const Columns& columns,
                     size_t threads);
/// `addend`: null, or what is added to.
Activations run_affine(const Activations& fixed, const Columns& columns, const Activations* addend,
                       size_t threads);
/// Adds an operation affine and gives its value: x * scale + shift of each column, real numbers;
/// plus `addend`, where there is one. Both are of f.inputs.
Value lower_affine(Lowering& lowering, const FusedNode& f, size_t x,
                   const std::optional<size_t>& addend, const Columns& columns);

/// Rows side by side, `taps` to each; GatherRows::kNoRow: zeros.
Activations run_gather_rows(const Activations& fixed, const std::vector<uint32_t>& index,
                            size_t taps, size_t threads);
/// [rows, cols] -> [cols, width]; what is beyond `rows` is 0.
Activations run_transpose(const Activations& fixed, size_t width, size_t threads);

}  // namespace vitro::converter
