// SPDX-License-Identifier: Apache-2.0
// What one unit of an integer is worth, and which biases make good what rounding does to means.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "converter/quantise/gptq.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// Of int16 values of at most this magnitude, with room for half as much again: pictures differ
/// from those that calibrate.
float stream_unit(float largest_magnitude);

/// GELU is taken of int16 in units of 2^-bits: as many, from 6 to 13, as let the largest input of
/// all columns fit with a quarter to spare. Below zero it may saturate: GELU does, too.
unsigned gelu_fraction_bits(const ColumnStatistics& inputs);

/// The real value of one unit of GELU's int16 values: 2^-bits, or more where the least bits leave
/// the largest input no room. Then GELU is taken of smaller inputs, in proportion, which differs by
/// at most 0.17 units of 2^-6: a tenth of a step of the int8 rows that follow.
float gelu_unit(const ColumnStatistics& inputs);

/// The same of SiLU, from 6 to 11 bits; beyond, it differs by at most 0.28 units of 2^-6.
unsigned silu_fraction_bits(const ColumnStatistics& inputs);
float silu_unit(const ColumnStatistics& inputs);

/// LayerNorm's epsilon over `cols` int16 values of this unit, in the law's range.
float norm_epsilon(float epsilon, size_t cols, float unit);

/// Of each column of queries and keys: largest magnitude of its head / 127.
std::vector<float> head_units(const ColumnStatistics& statistics, size_t heads);
/// Of each column of values: its largest magnitude / 127.
std::vector<float> column_units(const ColumnStatistics& statistics);

/// The biases that give each output this mean over the calibration pictures, whatever the weights'
/// rounding and the layers before did. `input_mean`: of what the weights really multiply.
std::vector<float> corrected_bias(const QuantisedWeights& weights,
                                  const std::vector<double>& input_mean,
                                  const std::vector<double>& output_mean);

/// Columns of the matrix times the units of what they multiply: one for all, or one for each; none
/// for 1.
Matrix with_units(Matrix weight, const std::vector<float>& unit);

/// A scale, shift or bias of a column as the file may hold it: what is below the law's range is far
/// below what any output resolves and counts as 0. Throws NodeFault, naming the node, for what is
/// beyond it.
float channel_value(const std::string& node, double value);

}  // namespace vitro::converter
