// SPDX-License-Identifier: Apache-2.0
// Tests each bound of the verifier from both sides, with the last value that it accepts and the
// first that it refuses, so that a bound cannot move by one. hostile_test has faults far from the
// bounds, limits_test the largest shapes.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "tests/runtime/edit_program.h"
#include "vitro/vitro.h"

namespace vitro {

using Change = std::function<void(schema::ProgramT& program)>;
using SetFloat = std::function<void(schema::ProgramT&, float)>;

/// Expects that the changed program is accepted and runs, and that every kernel variant gives the
/// same bits.
void expect_sound(const Base& base, const Change& change);
void expect_refused(const Base& base, const Change& change, vitro_status status);

/// Calls `set` with the last value that is accepted, then with the first that is not.
template <class Value>
void expect_bound(const char* what, const std::function<void(schema::ProgramT&, Value)>& set,
                  Value good, Value bad, const Base& base = Small::shallow,
                  vitro_status status = VITRO_CORRUPT) {
  SCOPED_TRACE(what);
  expect_sound(base, [&](schema::ProgramT& p) { set(p, good); });
  expect_refused(
      base, [&](schema::ProgramT& p) { set(p, bad); }, status);
}

/// The values that a float of a program may have: from smallest to largest, both included, and
/// perhaps 0. Where negative values are allowed, the same with a minus sign.
struct Floats {
  float smallest, largest;
  bool zero = false, negative = false;
};

/// Tries both ends of `allowed`, their neighbours, zeros, both signs, subnormals, infinities and
/// NaNs.
void expect_floats(const char* what, const Floats& allowed, const SetFloat& set,
                   const Base& base = Small::shallow);

float below(float x);
float above(float x);

}  // namespace vitro
