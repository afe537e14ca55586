// SPDX-License-Identifier: Apache-2.0
// Continuous relative position bias, of the second version of Swin: a small MLP makes it of
// coordinates, the same for all pictures.
#pragma once

#include <string>
#include <vector>

#include "models/names/tensors.h"
#include "models/swin/swin.h"

namespace vitro::converter::swin {

/// Of each distance between two of a window's tokens, rows and columns, in the order of
/// relative_position(): [(2 window - 1)^2, 2], logarithmic, so that 1 is one `scaled_by` - 1 rows,
/// or columns, apart. `scaled_by`: of the windows of training.
std::vector<float> log_coordinates(size_t window, size_t scaled_by);

/// [(2 window - 1)^2, heads], each between 0 and 16. Of the tensors `attention`.cpb_mlp.0 and .2
/// and, where there is one, `attention`.relative_coords_table. Throws InputError where that is of
/// other windows.
std::vector<float> continuous_bias(CheckedTensors& tensors, const std::string& attention,
                                   const SwinStage& stage);

}  // namespace vitro::converter::swin
