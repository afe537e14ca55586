// SPDX-License-Identifier: Apache-2.0
// make_fuzz_seeds FOLDER: writes FOLDER/TARGET/NAME for all targets of this build.
#include <cstdio>
#include <exception>

#include "tests/fuzz/seeds/seeds.h"

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: make_fuzz_seeds FOLDER\n");
    return 2;
  }
  const std::string folder = arguments[1];
  try {
    vitro::fuzz::make_frame_seeds(folder);
    vitro::fuzz::make_picture_seeds(folder);
#ifndef VITRO_ONLY_PICTURES
    vitro::fuzz::make_firmware_seeds(folder);
    vitro::fuzz::make_gallery_seeds(folder);
    vitro::fuzz::make_kernel_seeds(folder);
    vitro::fuzz::make_list_seeds(folder);
    vitro::fuzz::make_signature_seeds(folder);
    vitro::fuzz::make_text_seeds(folder);
#endif
#ifdef VITRO_HAVE_CONVERTER
    vitro::fuzz::make_adapter_seeds(folder);
    vitro::fuzz::make_calibration_seeds(folder);
    vitro::fuzz::make_config_seeds(folder);
    vitro::fuzz::make_pickle_seeds(folder);
    vitro::fuzz::make_program_seeds(folder);
    vitro::fuzz::make_weights_seeds(folder);
#endif
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_fuzz_seeds: %s\n", error.what());
    return 1;
  }
}
