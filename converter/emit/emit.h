// SPDX-License-Identifier: Apache-2.0
// The draft becomes a file's bytes: golden vectors, serialisation, verification by the runtime
// itself.
#pragma once

#include <stdexcept>
#include <string>

#include "converter/base/aligned_bytes.h"
#include "converter/draft/draft.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

struct RefusedProgram : std::logic_error {
  RefusedProgram(const std::string& what, bool of_its_size)
      : std::logic_error(what), too_large(of_its_size) {}
  bool too_large;  // more of something than the runtime takes
};

/// Serialises a planned draft, seals it where it has a digest, and lets the runtime's verifier read
/// it back. Its golden vectors hold logits of the right length. Throws RefusedProgram when the
/// verifier refuses: that is a fault of the converter, or of a calibration that somebody else
/// wrote, or the model is too large.
AlignedBytes serialise(const Draft& draft);

/// Runs the reference kernels on the golden pictures of `seeds` and sets the draft's golden
/// vectors. `progress`, which may be empty, hears how much of the multiply-accumulates is done.
void make_golden(Draft& draft, const std::vector<uint32_t>& seeds, size_t threads,
                 const Progress& progress);

}  // namespace vitro::converter
