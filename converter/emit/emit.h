// SPDX-License-Identifier: Apache-2.0
// The draft becomes a file's bytes: golden vectors, serialisation, verification by the runtime
// itself.
#pragma once

#include "converter/base/aligned_bytes.h"
#include "converter/draft/draft.h"

namespace vitro::converter {

/// Serialises a planned draft, seals it where it has a digest, and lets the runtime's verifier read
/// it back. Its golden vectors hold logits of the right length. Throws std::logic_error when the
/// verifier refuses: that would be a fault of the converter.
AlignedBytes serialise(const Draft& draft);

/// Runs the reference kernels on the golden pictures of `seeds` and sets the draft's golden
/// vectors.
void make_golden(Draft& draft, const std::vector<uint32_t>& seeds, size_t threads);

}  // namespace vitro::converter
