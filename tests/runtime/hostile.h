// SPDX-License-Identifier: Apache-2.0
// Hostile programs, each with one fault, made from small sound ones.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/edit_program.h"
#include "vitro/vitro.h"

namespace vitro {

/// Faults that several files of cases expect.
inline const std::string kNumber = "a number out of range",
                         kUnwritten = "an operand is read before it is written";

struct HostileCase {
  std::string fault;  // what vitro_fault must say
  std::string what;
  std::function<void(schema::ProgramT& program)> damage;
  Base base = Small::shallow;
  vitro_status status = VITRO_CORRUPT;
};

std::vector<HostileCase> hostile_programs();  // tables of the program, outputs, tensors, steps
std::vector<HostileCase> hostile_flow();      // who reads and writes what
std::vector<HostileCase> hostile_ops();

/// For an op with a test file of its own, ops/<op>_test.cpp: a static object in that file adds the
/// op's cases to the list.
struct OwnHostileCases {
  explicit OwnHostileCases(const std::vector<HostileCase>& cases);
};
std::vector<HostileCase> own_hostile_cases();

}  // namespace vitro
