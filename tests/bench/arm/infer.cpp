// SPDX-License-Identifier: Apache-2.0
// infer MODEL ISA SEED COUNT: runs COUNT inferences of the golden picture SEED, and nothing that
// depends on time. For counting instructions.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

#include "runtime/core/golden.h"
#include "vitro/vitro.h"

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "usage: infer MODEL ISA SEED COUNT\n"), 2;
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
    vitro_run(session);
  }
}
