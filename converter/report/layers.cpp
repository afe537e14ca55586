// SPDX-License-Identifier: Apache-2.0
#include "converter/report/layers.h"

#include <atomic>
#include <cmath>
#include <cstring>
#include <stdexcept>

#include "converter/base/parallel.h"
#include "converter/float/executor.h"
#include "runtime/core/layout.h"
#include "runtime/core/session.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace {

struct Energy {
  double signal = 0, noise = 0;
};

template <typename T>
void widen(const uint8_t* data, size_t count, float* values) {
  const T* stored = reinterpret_cast<const T*>(data);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(stored[i]);
}

/// The tensor's values, rows x cols, in the units that it is stored in.
std::vector<float> stored(const schema::Tensor& t, const uint8_t* data) {
  const size_t rows = t.rows(), cols = t.cols(), count = rows * cols;
  std::vector<float> values(count);
  switch (t.format()) {
    case schema::Format::S8: widen<int8_t>(data, count, values.data()); break;
    case schema::Format::S16: widen<int16_t>(data, count, values.data()); break;
    case schema::Format::F32: widen<float>(data, count, values.data()); break;
    case schema::Format::Keys:
    case schema::Format::Values: {
      const bool keys = t.format() == schema::Format::Keys;
      const size_t tokens = group_rows(t), bytes = group_bytes(t), head_dim = cols / t.heads();
      for (size_t r = 0; r < rows; ++r) {
        const auto* group = reinterpret_cast<const int8_t*>(data) + r / tokens * bytes;
        for (size_t c = 0; c < cols; ++c)
          values[r * cols + c] = group[keys ? law::keys_offset(tokens, head_dim, r % tokens, c)
                                            : law::values_offset(tokens, head_dim, r % tokens, c)];
      }
      break;
    }
    default: throw std::logic_error("a tap on a format without values of its own");
  }
  return values;
}

void compare(const Tap& tap, const schema::Tensor& t, const uint8_t* data,
             const std::vector<float>& truth, Energy& energy) {
  const std::vector<float> values = stored(t, data);
  const size_t cols = t.cols();
  for (size_t r = 0; r < t.rows(); ++r) {
    const float *value = &values[r * cols], *expected = &truth[r * cols];
    for (size_t c = 0; c < cols; ++c) {
      const double want = static_cast<double>(expected[c]);
      const double difference = static_cast<double>(value[c] * tap.unit[c]) - want;
      energy.signal += want * want;
      energy.noise += difference * difference;
    }
  }
}

}  // namespace

std::vector<LayerError> measure_layers(const MeasuredProgram& measured, const Pictures& pictures,
                                       size_t threads, const Progress& progress) {
  const AlignedBytes& file = measured.file;
  vitro_program program;
  if (vitro_open(file.data(), file.size(), &program) != VITRO_OK)
    throw std::logic_error("the new program does not open");
  const schema::Program& p = *schema::GetProgram(file.data());
  const std::vector<Tap>& taps = measured.taps;

  constexpr size_t kLanes = 4;
  std::vector<std::vector<Energy>> lanes(std::min(kLanes, pictures.size()),
                                         std::vector<Energy>(taps.size()));
  std::atomic<size_t> done{0};
  parallel_for(lanes.size(), threads, [&](size_t lane) {
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    if (vitro_bind(&program, nullptr, arena.data(), arena.size(), &session) != VITRO_OK)
      throw std::logic_error("the new program does not bind");
    FloatExecutor executor(measured.graph);
    std::vector<std::vector<float>> truth(taps.size());
    for (size_t i = lane; i < pictures.size(); i += lanes.size()) {
      executor.run(pictures[i].data(), [&](size_t node, const float* value) {
        for (size_t t = 0; t < taps.size(); ++t)
          if (taps[t].node == node)
            truth[t].assign(
                value, value + measured.graph.nodes[node].rows * measured.graph.nodes[node].cols);
      });
      const schema::Tensor& input = *p.tensors()->Get(p.input());
      const uint8_t* planned = session->input - input.offset();
      std::memcpy(session->input, pictures[i].data(), pictures[i].size());
      for (size_t step = 0; step < vitro_step_count(session); ++step) {
        vitro_run_step(session, step);
        for (size_t t = 0; t < taps.size(); ++t) {
          if (taps[t].step != step) continue;
          const schema::Tensor& tensor = *p.tensors()->Get(taps[t].tensor);
          compare(taps[t], tensor, planned + tensor.offset(), truth[t], lanes[lane][t]);
        }
      }
      if (progress)
        progress("comparing with the float model",
                 static_cast<double>(++done) / static_cast<double>(pictures.size()));
    }
  });

  std::vector<LayerError> errors;
  for (size_t t = 0; t < taps.size(); ++t) {
    Energy total;
    for (const auto& lane : lanes) {
      total.signal += lane[t].signal;
      total.noise += lane[t].noise;
    }
    // Constants of zeros, which no rounding changes.
    const bool is_zero = total.signal == 0 && total.noise == 0;
    if (is_zero && !is_output(measured.graph, taps[t].node)) continue;
    errors.push_back({taps[t].name, 10 * std::log10(std::max(total.signal, 1e-30) /
                                                    std::max(total.noise, 1e-30))});
  }
  return errors;
}

}  // namespace vitro::converter
