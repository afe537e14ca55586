// SPDX-License-Identifier: Apache-2.0
// Functions of single numbers: exactly, and as tables between static int8 tensors.
#pragma once

#include <vector>

#include "converter/quantise/lowering.h"

namespace vitro::converter {

double exact_gelu(double x);
double exact_gelu_by_tanh(double x);
double exact_silu(double x);

/// The function of one static tensor into another: 256 entries, that of -128 first.
std::vector<int8_t> function_table(double (*function)(double), const StaticScale& from,
                                   const StaticScale& to);

/// An operation by a table, in place, for a node that is this function of each element.
Value lower_lookup(Lowering& l, const FusedNode& f, double (*function)(double));

}  // namespace vitro::converter
