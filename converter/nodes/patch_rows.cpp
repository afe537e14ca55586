// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace patch_rows_kind {
namespace {

// Pixels from one patch to the next.
size_t down(const PatchRows& p) { return p.stride > 0 ? p.stride : p.patch_height; }
size_t across(const PatchRows& p) { return p.stride > 0 ? p.stride : p.patch_width; }

Shape shape(const Graph& graph, const Node& node) {
  const auto& p = node.as<PatchRows>();
  const size_t height = graph.preprocessing.image_height, width = graph.preprocessing.image_width;
  if (!node.inputs.empty()) misfit(node, "has inputs");
  const bool fits =
      p.patch_height > 0 && p.patch_width > 0 && p.patch_height <= height && p.patch_width <= width;
  if (!fits || (p.stride == 0 && (height % p.patch_height != 0 || width % p.patch_width != 0)))
    misfit(node, "does not divide the picture into patches");
  const Grid grid{(height - p.patch_height) / down(p) + 1, (width - p.patch_width) / across(p) + 1,
                  0};
  return {grid.height * grid.width, p.patch_height * p.patch_width * 3 + p.zeros, grid};
}

float normalised(const Preprocessing& p, int level, int channel) {
  const float pixel = static_cast<float>(level),
              scaled = p.rescale == 1.0f / 255 ? pixel / 255 : pixel * p.rescale;
  return (scaled - p.mean[channel]) / p.std[channel];
}

Execute execute(const Graph& graph, const Node& node) {
  return [&graph, &node](const FloatCall& call) {
    const auto& p = node.as<PatchRows>();
    float value[256][3];
    for (int level = 0; level < 256; ++level)
      for (int c = 0; c < 3; ++c)
        value[level][c] =
            p.raw ? static_cast<float>(level) : normalised(graph.preprocessing, level, c);
    const size_t stride = graph.preprocessing.image_width * 3;
    float* y = call.value;
    for (size_t gy = 0; gy < node.grid->height; ++gy)
      for (size_t gx = 0; gx < node.grid->width; ++gx) {
        for (size_t py = 0; py < p.patch_height; ++py) {
          const uint8_t* line = call.picture + (gy * down(p) + py) * stride + gx * across(p) * 3;
          for (size_t px = 0; px < p.patch_width; ++px)
            for (size_t c = 0; c < 3; ++c) *y++ = value[*line++][c];
        }
        for (size_t z = 0; z < p.zeros; ++z) *y++ = 0;
      }
  };
}

// (pixel * rescale - mean) / std.
std::optional<Affine> take_normalisation(const Graph& graph, Node& node) {
  auto& patches = node.as<PatchRows>();
  if (patches.raw) return std::nullopt;
  const Preprocessing& p = graph.preprocessing;
  Affine affine{std::vector<double>(node.cols), std::vector<double>(node.cols)};
  for (size_t c = 0; c < node.cols; ++c) {
    const double mean = p.mean[c % 3], deviation = p.std[c % 3],
                 divisor = p.rescale == 1.0f / 255 ? 255 : 1 / static_cast<double>(p.rescale);
    affine.scale[c] = 1 / (divisor * deviation);
    affine.shift[c] = -mean / deviation;
  }
  patches.raw = true;
  return affine;
}

void widen(Node& node, size_t before, size_t wider) {
  node.as<PatchRows>().zeros += wider - before;
}

Value lower(Lowering& l, const FusedNode& f) {
  const auto& p = l.node(f).as<PatchRows>();
  if (p.patch_height != p.patch_width)
    throw NodeFault(f.name, "has patches that are not square",
                    "vitro's programs have square patches alone");
  const Preprocessing& picture = l.graph().preprocessing;
  const Grid& grid = *l.node(f).grid;
  const uint32_t src = l.draft.add_tensor("picture", schema::Format::U8, schema::Storage::Arena,
                                          picture.image_height, picture.image_width * 3);
  l.draft.program.input = src;
  Value v;
  v.activations = run_patch_rows(l.pictures(), picture,
                                 {p.patch_height, across(p), grid.height, grid.width}, f.cols);
  v.tensor = l.destination(f, f.name);
  const auto add = [&](auto args) {
    args.src = src, args.dst = v.tensor, args.patch = static_cast<uint32_t>(p.patch_height);
    l.row_op(f.name, args);
  };
  schema::StridedPatchesT strided;
  strided.stride = static_cast<uint32_t>(p.stride);
  if (p.stride > 0)
    add(strided);
  else
    add(schema::PatchRowsT());
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "patch_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.affine.take = take_normalisation;
  type.basis = always<Basis::Fixed>;
  type.widen = widen;
  type.reads = takes<Form::Rows>;  // it has no inputs
  type.writes = bit(Form::Rows);
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace patch_rows_kind

const NodeType kPatchRowsNode = patch_rows_kind::make();

}  // namespace vitro::converter
