// SPDX-License-Identifier: Apache-2.0
// For images that replace the application: the flash image's program, and the end.
#pragma once

#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "platforms/firmware/flash_image.h"
#include "vitro/vitro.h"

namespace vitro {

/// Opens the program in flash. Null, or what is wrong with it.
inline const char* open_flash_program(vitro_program& program) {
  const board::Flash flash = board::flash();
  FlashImage image;
  if (open_flash_image(flash.data, flash.bytes, image) != FlashStatus::sound) return image.fault;
  return vitro_open(image.program, image.program_bytes, &program) == VITRO_OK ? nullptr
                                                                              : program.fault;
}

/// Prints the fault, if there is one, and ends with 1, else with 0.
[[noreturn]] inline void stop_with(const char* fault) {
  if (fault) {
    print("error: ");
    print(fault);
    print("\n");
  }
  board::stop(fault != nullptr);
}

}  // namespace vitro
