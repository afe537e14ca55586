// SPDX-License-Identifier: Apache-2.0
// What becomes of a frame: its checks, its axes, and where the results go.
#pragma once

#include "runtime/picture/colours.h"
#include "runtime/picture/taps.h"

namespace vitro::picture {

/// Along the stored columns and the stored rows, counted from the region's corner.
struct Geometry {
  const Format* format;
  Axis columns, rows;
  bool rows_first;  // rows are blended before columns are resized
  size_t region_left, region_top;
  size_t origin;                    // in the picture, of the first output, in bytes
  ptrdiff_t column_step, row_step;  // to the next output along the stored columns and rows
};

/// Null, or what of frame or preprocessing cannot be.
const char* find_geometry(const vitro_preprocessing& preprocessing, const vitro_frame& frame,
                          Geometry& geometry);

}  // namespace vitro::picture
