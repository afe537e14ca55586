// SPDX-License-Identifier: Apache-2.0
// infer MODEL ISA SEED COUNT [OPS]: runs COUNT inferences of the golden picture SEED. Does nothing
// that depends on time, so that its instructions can be counted. With OPS, writes a line for each
// op of the program to that file (multiply-accumulates, op, name), and marks each op of the last
// inference for cycles/blocks.c: op i with 1 + i.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "runtime/core/golden.h"
#include "runtime/schema/program_generated.h"
#include "tests/bench/arm/cycles/mark.h"
#include "vitro/vitro.h"

namespace {

using vitro::schema::Op;
using vitro::schema::Step;

// The index of each step's first op, and one past the last op.
std::vector<size_t> first_ops(const vitro_program& program) {
  std::vector<size_t> first{0};
  for (const Step* step : *vitro::schema::GetProgram(program.data)->steps())
    first.push_back(first.back() + step->ops()->size());
  return first;
}

bool write_ops(const vitro_program& program, const char* path) {
  std::FILE* const file = std::fopen(path, "w");
  if (!file) return false;
  const auto& steps = *vitro::schema::GetProgram(program.data)->steps();
  for (unsigned s = 0; s < steps.size(); ++s)
    for (unsigned o = 0; o < steps.Get(s)->ops()->size(); ++o) {
      const Op& op = *steps.Get(s)->ops()->Get(o);
      vitro_work_info work{};
      vitro_op_work(&program, s, o, &work);
      std::fprintf(file, "%llu %s %s\n", static_cast<unsigned long long>(work.macs),
                   vitro::schema::EnumNameOpArgs(op.args_type()),
                   op.name() ? op.name()->c_str() : "");
    }
  return std::fclose(file) == 0;
}

void mark(size_t value) { close(static_cast<int>(kMarkBase + value)); }

struct Marks {
  std::vector<size_t> first;
  bool on = false;

  static void trace(void* context, size_t step, size_t op) {
    const Marks& marks = *static_cast<const Marks*>(context);
    if (!marks.on) return;
    const size_t index = marks.first[step] + op;
    mark(index < marks.first[step + 1] ? 1 + index : 0);
  }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6)
    return std::fprintf(stderr, "usage: infer MODEL ISA SEED COUNT [OPS]\n"), 2;
  std::ifstream file(argv[1], std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  auto* const model = static_cast<char*>(
      std::aligned_alloc(VITRO_ALIGNMENT, (bytes.size() / VITRO_ALIGNMENT + 1) * VITRO_ALIGNMENT));
  std::copy(bytes.begin(), bytes.end(), model);
  vitro_program program;
  if (vitro_open(model, bytes.size(), &program) != VITRO_OK)
    return std::fprintf(stderr, "infer: %s: not a program that can be run\n", argv[1]), 1;
  vitro_config config{};
  config.isa = argv[2];
  Marks marks{first_ops(program)};
  if (argc == 6) {
    if (!write_ops(program, argv[5]))
      return std::fprintf(stderr, "infer: %s: cannot be written\n", argv[5]), 1;
    config.trace = Marks::trace;
    config.trace_context = &marks;
  }
  const size_t arena_bytes = vitro_arena_bytes(&program, 1);
  vitro_session* session = nullptr;
  if (vitro_bind(&program, &config, std::aligned_alloc(VITRO_ALIGNMENT, arena_bytes), arena_bytes,
                 &session) != VITRO_OK)
    return std::fprintf(stderr, "infer: kernels '%s' cannot be had here\n", argv[2]), 1;
  size_t size = 0;
  uint8_t* const input = vitro_input(session, &size);
  std::vector<uint8_t> picture(size);
  vitro::golden_picture(static_cast<uint32_t>(std::atol(argv[3])), picture.data(), size);
  for (long i = std::atol(argv[4]); i > 0; --i) {
    std::copy(picture.begin(), picture.end(), input);
    marks.on = i == 1;
    vitro_run(session);
  }
}
