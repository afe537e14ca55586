// SPDX-License-Identifier: Apache-2.0
// The confusion matrix as a picture.
#pragma once

#include <string>

#include "platforms/host/evaluation/class_names.h"
#include "platforms/host/evaluation/confusion.h"

namespace vitro::host {

/// An SVG element: labels in rows, predictions in columns, of the classes that occur. Colours show
/// the share of the row; the diagonal is blue, mistakes are red.
std::string heat_map_svg(const Confusion& confusion, const ClassNames& classes);

}  // namespace vitro::host
