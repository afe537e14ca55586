// SPDX-License-Identifier: Apache-2.0
// vitro_picture.h: plans a conversion, lays it out in the caller's workspace, and takes lines.
#include <string.h>

#include "runtime/picture/geometry.h"
#include "runtime/picture/lines.h"
#include "vitro/vitro_picture.h"

namespace vitro::picture {

namespace {

/// A conversion. Lines come in planes; where columns are resized first, the ring holds them
/// resized, as pixels; otherwise as they came.
struct Plan {
  vitro_frame frame;
  Geometry geometry;
  size_t pixel_bytes;  // of the result
  size_t planes;       // 1 where it is grey
  Extent column_extent, row_extent;
  size_t base;   // the stored column at which planes begin: even where pixels share U and V
  size_t plane;  // bytes
  Ring held;     // data: null while it is planned
};

/// Offsets in the workspace.
struct Layout {
  uint64_t column_first, column_inputs, column_weights, row_first, row_inputs, row_weights, line,
      blended, held, end;
};

// Null, or a fault.
const char* make_plan(const vitro_preprocessing& p, const vitro_frame& frame, Plan& plan) {
  const char* fault = find_geometry(p, frame, plan.geometry);
  if (fault) return fault;
  const Geometry& g = plan.geometry;
  plan.frame = frame;
  plan.pixel_bytes = p.image_width * p.image_height * 3;
  plan.planes = g.format->grey ? 1 : 3;
  plan.column_extent = extent_of(g.columns);
  plan.row_extent = extent_of(g.rows);
  const size_t first = g.region_left + plan.column_extent.first;
  plan.base = g.format->chroma ? first & ~size_t{1} : first;
  const size_t behind = round_up(plan.column_extent.longest, kColumnBytes);
  plan.plane = round_up(g.region_left + plan.column_extent.end - plan.base + behind, kPiece);
  plan.held = {
      nullptr, plan.row_extent.longest,
      g.rows_first ? plan.plane * plan.planes : round_up(g.columns.count * plan.planes, kPiece)};
  return nullptr;
}

size_t stride_of_columns(const Plan& plan) {
  return plan.geometry.columns.copies() ? 0 : column_stride(plan.column_extent.longest);
}

size_t stride_of_rows(const Plan& plan) {
  return plan.geometry.rows.copies() ? 0 : round_up(plan.row_extent.longest, kRowGroup);
}

}  // namespace

}  // namespace vitro::picture

struct vitro_picture {
  vitro::picture::Plan plan;
  vitro::picture::Outputs columns, rows;
  uint8_t *line, *blended;
  uint8_t fill[3];
  uint8_t* pixels;     // null before the start
  size_t next_line;    // of the frame, that may come
  size_t next_output;  // of rows
};

namespace vitro::picture {

namespace {

Layout lay_out(const Plan& plan) {
  const Geometry& g = plan.geometry;
  uint64_t end = round_up(sizeof(vitro_picture), kPiece);
  const auto take = [&](uint64_t bytes) {
    const uint64_t begin = end;
    end += (bytes + kPiece - 1) / kPiece * kPiece;
    return begin;
  };
  const uint64_t columns = g.columns.count, rows = g.rows.count;
  Layout layout;
  layout.column_first = take(columns * sizeof(uint16_t));
  layout.column_inputs = take(columns * sizeof(uint16_t));
  layout.column_weights = take(columns * stride_of_columns(plan) * sizeof(int32_t));
  layout.row_first = take(rows * sizeof(uint16_t));
  layout.row_inputs = take(rows * sizeof(uint16_t));
  layout.row_weights = take(rows * stride_of_rows(plan) * sizeof(int32_t));
  layout.line = take(uint64_t{plan.plane} * plan.planes);
  layout.blended = take(g.rows_first ? 0 : plan.held.line_bytes);
  layout.held = take(uint64_t{plan.held.lines} * plan.held.line_bytes);
  layout.end = end;
  return layout;
}

vitro_status plan_of(const vitro_preprocessing* preprocessing, const vitro_frame* frame, Plan& plan,
                     const char*& fault) {
  if (!preprocessing || !frame) return VITRO_BAD_ARGUMENT;
  fault = make_plan(*preprocessing, *frame, plan);
  if (!fault && lay_out(plan).end > SIZE_MAX / 2) fault = "more workspace than there are addresses";
  return fault ? VITRO_BAD_PICTURE : VITRO_OK;
}

Outputs bind_outputs(const Axis& axis, uint8_t* first, uint8_t* inputs, uint8_t* weights,
                     size_t stride) {
  uint16_t* const firsts = reinterpret_cast<uint16_t*>(first);
  uint16_t* const counts = reinterpret_cast<uint16_t*>(inputs);
  find_inputs(axis, firsts, counts);
  return {firsts, counts, reinterpret_cast<int32_t*>(weights), axis.count, stride, axis.copies()};
}

// Pixels of one plane or three, side by side, to where they belong.
void place(const uint8_t* from, size_t planes, size_t count, uint8_t* out, ptrdiff_t step) {
  if (planes == 3 && step == 3) {
    memcpy(out, from, count * 3);
    return;
  }
  for (size_t i = 0; i < count; ++i, from += planes, out += step) {
    out[0] = from[0];
    out[1] = from[planes == 3 ? 1 : 0];
    out[2] = from[planes == 3 ? 2 : 0];
  }
}

// Output `output` along the stored rows.
void emit(const vitro_picture& p, size_t output) {
  const Plan& plan = p.plan;
  const Geometry& g = plan.geometry;
  uint8_t* out = p.pixels + g.origin + static_cast<ptrdiff_t>(output) * g.row_step;
  if (!g.rows_first) {
    blend_lines(p.rows, output, plan.held, p.blended);
    return place(p.blended, plan.planes, p.columns.count, out, g.column_step);
  }
  blend_lines(p.rows, output, plan.held, p.line);
  const size_t base = plan.base - g.region_left;
  resize_line(p.columns, {p.line, plan.plane, plan.planes}, base, out, g.column_step);
  if (plan.planes == 1)
    for (size_t i = 0; i < p.columns.count; ++i, out += g.column_step) out[1] = out[2] = out[0];
}

// Line `y` of the region.
void take_line(vitro_picture& p, size_t y, const uint8_t* const lines[3]) {
  if (p.next_output == p.rows.count || y < p.rows.first[p.next_output]) return;
  const Plan& plan = p.plan;
  const Geometry& g = plan.geometry;
  const Part part = {plan.base, g.region_left + plan.column_extent.end};
  uint8_t* const slot = plan.held.at(y);
  split_line(plan.frame, lines, part, g.rows_first ? slot : p.line, plan.plane);
  if (!g.rows_first)
    resize_line(p.columns, {p.line, plan.plane, plan.planes}, plan.base - g.region_left, slot,
                static_cast<ptrdiff_t>(plan.planes));
  while (p.next_output < p.rows.count &&
         size_t{p.rows.first[p.next_output]} + p.rows.inputs[p.next_output] == y + 1)
    emit(p, p.next_output++);
}

// Whether none of the frame's lines from .. to, the latter excluded, is needed.
bool may_skip(const vitro_picture& p, size_t from, size_t to) {
  const size_t top = p.plan.geometry.region_top, first = top + p.plan.row_extent.first,
               end = top + p.plan.row_extent.end;
  return to <= first || from >= end || from == to;
}

}  // namespace

}  // namespace vitro::picture

extern "C" vitro_status vitro_picture_plan(const vitro_preprocessing* preprocessing,
                                           const vitro_frame* frame, vitro_picture_info* info) {
  using namespace vitro::picture;
  if (!info) return VITRO_BAD_ARGUMENT;
  *info = {};
  Plan plan;
  const vitro_status status = plan_of(preprocessing, frame, plan, info->fault);
  if (status != VITRO_OK) return status;
  const Geometry& g = plan.geometry;
  *info = {static_cast<size_t>(lay_out(plan).end), g.region_top + plan.row_extent.first,
           g.region_top + plan.row_extent.end,     plan.base,
           g.region_left + plan.column_extent.end, nullptr};
  return VITRO_OK;
}

extern "C" vitro_status vitro_picture_bind(const vitro_preprocessing* preprocessing,
                                           const vitro_frame* frame, void* workspace,
                                           size_t workspace_bytes, vitro_picture** picture) {
  using namespace vitro::picture;
  if (picture) *picture = nullptr;
  if (!workspace || !picture) return VITRO_BAD_ARGUMENT;
  Plan plan;
  const char* fault = nullptr;
  const vitro_status status = plan_of(preprocessing, frame, plan, fault);
  if (status != VITRO_OK) return status;
  if (reinterpret_cast<uintptr_t>(workspace) % VITRO_ALIGNMENT != 0)
    return VITRO_WORKSPACE_MISALIGNED;
  const Layout layout = lay_out(plan);
  if (workspace_bytes < layout.end) return VITRO_WORKSPACE_TOO_SMALL;

  uint8_t* const base = static_cast<uint8_t*>(workspace);
  memset(base, 0, static_cast<size_t>(layout.end));
  const Geometry& g = plan.geometry;
  plan.held.data = base + layout.held;
  vitro_picture* p = static_cast<vitro_picture*>(workspace);
  p->plan = plan;
  p->columns = bind_outputs(g.columns, base + layout.column_first, base + layout.column_inputs,
                            base + layout.column_weights, stride_of_columns(plan));
  p->rows = bind_outputs(g.rows, base + layout.row_first, base + layout.row_inputs,
                         base + layout.row_weights, stride_of_rows(plan));
  if (!g.columns.copies()) make_weights(g.columns, set_column_weight, &p->columns);
  if (!g.rows.copies()) make_weights(g.rows, set_row_weight, &p->rows);
  p->line = base + layout.line;
  p->blended = base + layout.blended;
  memcpy(p->fill, preprocessing->fill, sizeof p->fill);
  *picture = p;
  return VITRO_OK;
}

extern "C" vitro_status vitro_picture_start(vitro_picture* p, uint8_t* pixels, size_t pixel_bytes) {
  if (!p || !pixels || pixel_bytes != p->plan.pixel_bytes) return VITRO_BAD_ARGUMENT;
  p->pixels = pixels;
  p->next_line = p->next_output = 0;
  if (p->rows.count * p->columns.count * 3 == pixel_bytes) return VITRO_OK;
  for (size_t i = 0; i < pixel_bytes; ++i) pixels[i] = p->fill[i % 3];
  return VITRO_OK;
}

extern "C" vitro_status vitro_picture_line(vitro_picture* p, size_t y,
                                           const uint8_t* const lines[3]) {
  using namespace vitro::picture;
  if (!p || !p->pixels || !lines || y < p->next_line || y >= p->plan.frame.height ||
      !may_skip(*p, p->next_line, y))
    return VITRO_BAD_ARGUMENT;
  for (size_t i = 0; i < p->plan.geometry.format->planes; ++i)
    if (!lines[i]) return VITRO_BAD_ARGUMENT;
  p->next_line = y + 1;
  if (y >= p->plan.geometry.region_top) take_line(*p, y - p->plan.geometry.region_top, lines);
  return VITRO_OK;
}

extern "C" int vitro_picture_complete(const vitro_picture* p) {
  return p && p->pixels && p->next_output == p->rows.count;
}

extern "C" vitro_status vitro_picture_convert(vitro_picture* p, const vitro_planes* planes,
                                              uint8_t* pixels, size_t pixel_bytes) {
  using namespace vitro::picture;
  if (!p || !planes) return VITRO_BAD_ARGUMENT;
  const vitro_frame& frame = p->plan.frame;
  const Format& format = *p->plan.geometry.format;
  const uint8_t* data[3] = {};
  size_t strides[3] = {};
  uint64_t left = 0;  // bytes of the latest plane's memory
  for (size_t i = 0; i < format.planes; ++i) {
    const uint64_t line = line_bytes(format, i, frame.width);
    const uint64_t stride = frame.strides[i] ? frame.strides[i] : line;
    const uint64_t lines = (frame.height + format.lines[i] - 1) / format.lines[i];
    if (planes->data[i]) {
      data[i] = planes->data[i];
      left = planes->bytes[i];
    } else {
      // Behind the plane before, whose whole lines were found to fit.
      if (i == 0) return VITRO_BAD_ARGUMENT;
      const uint64_t before = (frame.height + format.lines[i - 1] - 1) / format.lines[i - 1];
      if (left / strides[i - 1] < before) return VITRO_BAD_ARGUMENT;
      data[i] = data[i - 1] + before * strides[i - 1];
      left -= before * strides[i - 1];
    }
    // All but the last line are whole.
    if (left < line || (left - line) / stride < lines - 1) return VITRO_BAD_ARGUMENT;
    strides[i] = static_cast<size_t>(stride);
  }

  const vitro_status status = vitro_picture_start(p, pixels, pixel_bytes);
  if (status != VITRO_OK) return status;
  const Plan& plan = p->plan;
  const size_t top = plan.geometry.region_top;
  for (size_t y = plan.row_extent.first; y < plan.row_extent.end; ++y) {
    const uint8_t* lines[3] = {};
    for (size_t i = 0; i < format.planes; ++i)
      lines[i] = data[i] + (top + y) / format.lines[i] * strides[i];
    take_line(*p, y, lines);
  }
  p->next_line = frame.height;
  return VITRO_OK;
}
