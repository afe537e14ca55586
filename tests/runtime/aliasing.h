// SPDX-License-Identifier: Apache-2.0
// What aliasing_test needs to know about an op: its operands, and how to add it to a program.
#pragma once

#include <functional>
#include <vector>

#include "tests/runtime/hand_made.h"

namespace vitro {

constexpr uint32_t kAliasedRows = 26, kAliasedCols = 32;

struct AliasedOperand {
  const char* name;
  schema::Format format;
  uint32_t rows = kAliasedRows, cols = kAliasedCols;
  bool whole = false;     // every tile reads all of it, so it must be in the arena
  bool in_place = false;  // the destination may be the same tensor
};

struct AliasedOp {
  const char* name;
  std::vector<AliasedOperand> sources;
  AliasedOperand destination;
  std::function<void(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination)>
      add;
};

/// For an op with a test file of its own, ops/<op>_test.cpp: a static object in that file adds the
/// op to the list.
struct OwnAliasing {
  explicit OwnAliasing(const AliasedOp& op);
};

}  // namespace vitro
