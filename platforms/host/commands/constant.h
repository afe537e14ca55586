// SPDX-License-Identifier: Apache-2.0
// A program as a constant of a firmware's code, for assemblers and linkers. (As C source:
// c_array.h.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/host/program_file.h"

namespace vitro::host {

/// Assembly, for an assembler that knows .incbin and compilers that preprocess .S: the program is
/// the file `bytes_file`, which the assembler searches where -I says.
std::string assembly_of(const std::string& name, const std::string& bytes_file);

/// The machines of object_of, as --object names them.
std::vector<std::string> object_machines();

/// A relocatable ELF file for `machine` with the program in a section of its own,
/// .rodata.<name>_program, at a multiple of 64.
std::vector<uint8_t> object_of(const ProgramFile& file, const std::string& name,
                               const std::string& machine);

}  // namespace vitro::host
