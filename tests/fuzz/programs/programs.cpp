// SPDX-License-Identifier: Apache-2.0
// Program files: they are opened, described, bound and run in all ways. agree.h has the oracle.
#include <cstring>

#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/programs/mutate.h"
#include "tests/fuzz/support/target.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace vitro::fuzz {

namespace {

// Many small programs find more than a few large ones; compare.sh and the tests run the large ones.
constexpr Effort kEffort{1e5, size_t{1} << 20};

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  check_program(data, size, kEffort);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  using namespace vitro::fuzz;
  Choices choices(seed);
  vitro::schema::ProgramT program;
  if (choices.one_in(8) || !unpack(data, size, program))
    return LLVMFuzzerMutate(data, size, max_size);
  change(program, choices);
  const std::vector<uint8_t> packed = pack(program);
  if (packed.size() > max_size) return size;
  std::memcpy(data, packed.data(), packed.size());
  return packed.size();
}
