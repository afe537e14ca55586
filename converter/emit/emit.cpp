// SPDX-License-Identifier: Apache-2.0
#include "converter/emit/emit.h"

#include <cstring>
#include <stdexcept>

#include "converter/base/parallel.h"
#include "converter/emit/seal.h"
#include "runtime/core/golden.h"

namespace vitro::converter {

AlignedBytes serialise(const Draft& draft) {
  flatbuffers::FlatBufferBuilder builder(draft.program.constants.size() + (1 << 16));
  schema::FinishProgramBuffer(builder, schema::CreateProgram(builder, &draft.program));
  AlignedBytes file(builder.GetSize());
  std::memcpy(file.data(), builder.GetBufferPointer(), builder.GetSize());
  seal(file.data(), file.size());
  vitro_program program;
  const vitro_status status = vitro_open(file.data(), file.size(), &program);
  const bool too_large = status == VITRO_UNSUPPORTED;
  if (status != VITRO_OK)
    throw RefusedProgram(
        std::string(too_large ? ""
                              : "the converter wrote a program that its own runtime refuses: ") +
            vitro_status_text(status) + (program.fault ? std::string(", ") + program.fault : ""),
        too_large);
  return file;
}

void make_golden(Draft& draft, const std::vector<uint32_t>& seeds, size_t threads) {
  draft.program.golden.clear();
  const AlignedBytes file = serialise(draft);
  vitro_program program;
  vitro_open(file.data(), file.size(), &program);
  std::vector<std::unique_ptr<schema::GoldenT>> golden(seeds.size());
  parallel_for(seeds.size(), threads, [&](size_t i) {
    vitro_config config{};
    config.isa = "reference";
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    if (vitro_bind(&program, &config, arena.data(), arena.size(), &session) != VITRO_OK)
      throw std::logic_error("binding the new program failed");
    golden_picture(seeds[i], vitro_input(session, nullptr), vitro_image_height(&program),
                   vitro_image_width(&program));
    vitro_run(session);
    golden[i] = std::make_unique<schema::GoldenT>();
    golden[i]->seed = seeds[i];
    for (size_t output = 0; output < vitro_output_count(&program); ++output) {
      vitro_output_info info;
      vitro_output(&program, output, &info);
      const float* values = vitro_output_values(session, output);
      const size_t count = info.rows * info.cols;
      if (output == 0)
        golden[i]->logits.assign(values, values + count);
      else
        golden[i]->digests.push_back(output_digest(values, count * sizeof(float)));
    }
  });
  draft.program.golden = std::move(golden);
}

}  // namespace vitro::converter
