// SPDX-License-Identifier: Apache-2.0
// The constants of ops that mutators make or correct.
#include <cmath>
#include <cstring>

#include "runtime/core/bounds.h"
#include "runtime/core/layout.h"
#include "tests/fuzz/programs/mutate.h"

namespace vitro::fuzz {

using schema::Format;
using schema::ProgramT;

namespace {

int8_t weight(size_t kind, Choices& c) {
  switch (kind) {
    case 0: return 127;
    case 1: return -127;
    case 2: return c.one_in(2) ? 127 : -127;
    case 3: return c.one_in(8) ? static_cast<int8_t>(c.between(-127, 127)) : int8_t{0};
    default: return static_cast<int8_t>(c.between(-127, 127));
  }
}

// A scale that is a multiple of 2^-16, and a bias that is a multiple of the scale, as
// verify_static_channels requires.
void exact_channel(float& scale, float& bias, Choices& c) {
  const int shift = static_cast<int>(c.below(11));
  const int64_t units = c.between(1, 4096) << shift;
  const int64_t most = ((int64_t{1} << (24 + shift)) - (int64_t{128} << 16)) / units;
  const int64_t reach = most < 1000 ? most : 1000;
  scale = static_cast<float>(units) / 65536;
  bias = reach > 0 ? static_cast<float>(c.between(-reach, reach) * units) / 65536 : 0.0f;
}

void free_channel(float& scale, float& bias, size_t kind, Choices& c) {
  const float largest = kind == 0 ? 0x1p40f : 0x1p4f, smallest = kind == 0 ? 0x1p-40f : 0x1p-24f;
  scale = c.signed_magnitude(smallest, largest);
  bias = c.one_in(3) ? 0.0f : c.signed_magnitude(smallest, kind == 0 ? 0x1p40f : 0x1p14f);
}

// Where the parts of a linear lie in the constants; not `sound` where they do not.
struct LinearParts {
  bool sound = false;
  uint64_t k = 0, channels = 0;
};
LinearParts parts_of(const ProgramT& p, const schema::LinearT& a) {
  LinearParts parts;
  if (a.src >= p.tensors.size() || a.dst >= p.tensors.size()) return parts;
  parts.k = p.tensors[a.src]->cols;
  parts.channels = channel_count(p.tensors[a.dst]->cols);
  const uint64_t size = p.constants.size();
  parts.sound = parts.k > 0 && parts.k % 4 == 0 && parts.k <= kMaxDepth && parts.channels > 0 &&
                parts.channels <= 1 << 16 && a.weights <= size && a.channels <= size &&
                parts.channels * parts.k <= size - a.weights &&
                parts.channels * 12 <= size - a.channels;
  return parts;
}

}  // namespace

uint64_t add_constants(ProgramT& p, const void* data, size_t bytes) {
  const uint64_t offset = align_up(p.constants.size(), 64);
  p.constants.resize(offset + bytes);
  if (bytes > 0) std::memcpy(p.constants.data() + offset, data, bytes);
  return offset;
}

uint64_t add_channels(ProgramT& p, size_t cols, Choices& c) {
  std::vector<float> floats(2 * cols);
  const size_t kind = c.below(3);
  for (size_t i = 0; i < cols; ++i) free_channel(floats[i], floats[cols + i], kind, c);
  return add_constants(p, floats.data(), floats.size() * sizeof(float));
}

uint64_t add_turns(ProgramT& p, size_t count, Choices& c) {
  std::vector<int16_t> turns(count);
  const bool extreme = c.one_in(4);
  for (int16_t& turn : turns)
    turn =
        static_cast<int16_t>(extreme ? (c.one_in(2) ? 16384 : -16384) : c.between(-16384, 16384));
  return add_constants(p, turns.data(), turns.size() * sizeof(int16_t));
}

void fill_linear(ProgramT& p, schema::LinearT& a, Choices& c) {
  if (a.src >= p.tensors.size() || a.dst >= p.tensors.size()) return;
  const size_t k = p.tensors[a.src]->cols, n = p.tensors[a.dst]->cols;
  if (k > kMaxDepth || n > 4096 || k * n > 1 << 18 || k % 4 != 0) return;
  const size_t channels = static_cast<size_t>(channel_count(n));
  std::vector<int8_t> weights(channels * k);
  const size_t kind = c.below(6);
  for (int8_t& w : weights) w = weight(kind, c);
  std::vector<float> floats(channels * 3);  // repair_weights() adds the sums later
  const bool is_static = p.tensors[a.src]->format == Format::S8;
  const size_t scales = c.below(3);
  for (size_t i = 0; i < channels; ++i)
    is_static ? exact_channel(floats[i], floats[channels + i], c)
              : free_channel(floats[i], floats[channels + i], scales, c);
  a.weights = add_constants(p, weights.data(), weights.size());
  a.channels = add_constants(p, floats.data(), floats.size() * sizeof(float));
}

void repair_weights(ProgramT& p) {
  for (auto& step : p.steps)
    for (auto& op : step->ops) {
      const auto* a = op->args.AsLinear();
      if (!a) continue;
      const LinearParts parts = parts_of(p, *a);
      if (!parts.sound) continue;
      std::vector<int32_t> sums(parts.channels);
      for (uint64_t i = 0; i < parts.channels * parts.k; ++i) {
        uint8_t& byte = p.constants[a->weights + i];
        if (byte == 0x80) byte = 0x81;
        sums[i / (16 * parts.k) * 16 + i % 64 / 4] += static_cast<int8_t>(byte);
      }
      std::memcpy(p.constants.data() + a->channels + parts.channels * 8, sums.data(),
                  sums.size() * sizeof(int32_t));
    }
}

}  // namespace vitro::fuzz
