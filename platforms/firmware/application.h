// SPDX-License-Identifier: Apache-2.0
// What vitro does on a board without an operating system, the same on all of them: README.md says
// what it prints.
#pragma once

namespace vitro {

enum ExitCode : int {
  kDone = 0,
  kNoFlashImage = 10,
  kFlashImageDamaged = 11,
  kProgramRefused = 12,
  kArenaTooSmall = 13,
  kArenaMisaligned = 14,
  kGoldenMismatch = 15,
  kPictureRefused = 16,  // one or more
  kSignatureRefused = 17,
  kCpuException = 99,  // by the board
};

/// Called by the board's start-up code, once, on one core, on the stack that board::stack(0) names.
[[noreturn]] void run_application();

}  // namespace vitro
