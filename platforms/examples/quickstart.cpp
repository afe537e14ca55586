// SPDX-License-Identifier: Apache-2.0
// vitro.hpp: a model read from a file, an arena of the size it asks for, the three likeliest
// classes. quickstart_cpp MODEL.vitro PICTURE.rgb
#include <cstdio>
#include <fstream>
#include <vector>
#include <vitro/vitro.hpp>

namespace {

// Memory that starts at a multiple of VITRO_ALIGNMENT, as programs and arenas must.
struct alignas(VITRO_ALIGNMENT) Block {
  unsigned char bytes[VITRO_ALIGNMENT];
};
using Memory = std::vector<Block>;

Memory memory_of(size_t bytes) { return Memory((bytes + sizeof(Block) - 1) / sizeof(Block)); }

int fail(const char* file, const char* what) {
  std::fprintf(stderr, "quickstart: %s: %s\n", file, what);
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return fail("usage", "quickstart_cpp MODEL.vitro PICTURE.rgb");

  std::ifstream model(argv[1], std::ios::binary | std::ios::ate);
  if (!model) return fail(argv[1], "cannot be opened");
  const auto file_bytes = static_cast<size_t>(model.tellg());
  Memory file = memory_of(file_bytes);  // stays as long as the program is used
  if (!model.seekg(0).read(reinterpret_cast<char*>(file.data()),
                           static_cast<std::streamsize>(file_bytes)))
    return fail(argv[1], "cannot be read to its end");

  vitro::Program program;
  if (const vitro_status status = program.open(file.data(), file_bytes); status != VITRO_OK)
    return fail(argv[1], program.fault() ? program.fault() : vitro_status_text(status));

  Memory arena = memory_of(program.arena_bytes());
  vitro::Session session;
  if (const vitro_status status = session.bind(program, arena.data(), program.arena_bytes());
      status != VITRO_OK)
    return fail(argv[1], vitro_status_text(status));

  size_t bytes = 0;
  uint8_t* const pixels = session.input(&bytes);  // height x width x 3; a run overwrites it
  std::ifstream picture(argv[2], std::ios::binary);
  if (!picture.read(reinterpret_cast<char*>(pixels), static_cast<std::streamsize>(bytes)))
    return fail(argv[2], "has fewer pixels than the model takes");

  vitro_answer best[3];
  const size_t found = program.top(session.run(), best, 3);
  for (size_t i = 0; i < found; ++i)
    std::printf("%6.2f %%  %s\n", static_cast<double>(best[i].probability) * 100,
                best[i].label ? best[i].label : "without a name");
  return 0;
}
