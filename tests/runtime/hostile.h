// SPDX-License-Identifier: Apache-2.0
// Programs with one fault each, made from small sound ones.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/runtime/edit_program.h"
#include "vitro/vitro.h"

namespace vitro {

struct HostileCase {
  std::string fault;  // what vitro_fault has to say
  std::string what;
  std::function<void(schema::ProgramT& program)> damage;
  Base base = Small::shallow;
  vitro_status status = VITRO_CORRUPT;
};

std::vector<HostileCase> hostile_programs();  // tables of the program, outputs, tensors, steps
std::vector<HostileCase> hostile_flow();      // who reads and writes what
std::vector<HostileCase> hostile_ops();

/// Those of an op whose tests have a file of their own, ops/<op>_test.cpp: a static object of it.
struct OwnHostileCases {
  explicit OwnHostileCases(const std::vector<HostileCase>& cases);
};
std::vector<HostileCase> own_hostile_cases();

}  // namespace vitro
