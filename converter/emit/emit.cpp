// SPDX-License-Identifier: Apache-2.0
#include "converter/emit/emit.h"

#include <algorithm>
#include <atomic>
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

namespace {

/// How far the runs of a program are, all of them together.
class RunsDone {
 public:
  RunsDone(const vitro_program& program, size_t runs, const Progress& progress)
      : progress_(progress) {
    vitro_work_info work;
    for (size_t step = 0; vitro_op_work(&program, step, 0, &work) == VITRO_OK; ++step) {
      uint64_t macs = 0;
      for (size_t op = 0; vitro_op_work(&program, step, op, &work) == VITRO_OK; ++op)
        macs += work.macs;
      macs_.push_back(macs);
    }
    vitro_work(&program, &work);
    all_ = static_cast<double>(std::max<uint64_t>(work.macs, 1)) * static_cast<double>(runs);
  }

  void begin(size_t step) {
    if (step > 0) done_ += macs_[step - 1];
    show(static_cast<double>(done_) / all_);
  }

  void show(double done) {
    if (progress_) progress_("computing the golden vectors", done);
  }

 private:
  const Progress& progress_;
  std::vector<uint64_t> macs_;  // of each step
  double all_ = 1;
  std::atomic<uint64_t> done_{0};
};

struct OneRun {
  RunsDone& all;
  size_t step;

  static int before_step(void* context) {
    OneRun& self = *static_cast<OneRun*>(context);
    self.all.begin(self.step++);
    return 0;
  }
};

}  // namespace

void make_golden(Draft& draft, const std::vector<uint32_t>& seeds, size_t threads,
                 const Progress& progress) {
  draft.program.golden.clear();
  const AlignedBytes file = serialise(draft);
  vitro_program program;
  vitro_open(file.data(), file.size(), &program);
  std::vector<std::unique_ptr<schema::GoldenT>> golden(seeds.size());
  RunsDone done(program, seeds.size(), progress);
  parallel_for(seeds.size(), threads, [&](size_t i) {
    OneRun run{done, 0};
    vitro_config config{};
    config.isa = "reference";
    config.stop = OneRun::before_step;
    config.stop_context = &run;
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
  done.show(1);
  draft.program.golden = std::move(golden);
}

}  // namespace vitro::converter
