// SPDX-License-Identifier: Apache-2.0
// The end of a run: a simulator or a debugger takes the exit code, a board on its own sleeps.
#pragma once

namespace vitro {

[[noreturn]] void semihosting_exit(int code);

/// Whether semihosting_exit() was called: an exception after that means that nobody took the code.
bool semihosting_stopped();

[[noreturn]] void semihosting_sleep();

}  // namespace vitro
