// SPDX-License-Identifier: Apache-2.0
// Each bound of the verifier from both sides: the last value that it lets through and the first
// that it refuses, so that a bound cannot move by one. hostile_test has the faults far from their
// bounds, limits_test the largest shapes.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "tests/runtime/edit_program.h"
#include "vitro/vitro.h"

namespace vitro {

using Change = std::function<void(schema::ProgramT& program)>;
using SetFloat = std::function<void(schema::ProgramT&, float)>;

/// What is let through runs, and every kernel variant gives the same bits.
void expect_sound(const Base& base, const Change& change);
void expect_refused(const Base& base, const Change& change, vitro_status status);

/// `set` with the last value that is let through, then with the first that is not.
template <class Value>
void expect_bound(const char* what, const std::function<void(schema::ProgramT&, Value)>& set,
                  Value good, Value bad, const Base& base = Small::shallow,
                  vitro_status status = VITRO_CORRUPT) {
  SCOPED_TRACE(what);
  expect_sound(base, [&](schema::ProgramT& p) { set(p, good); });
  expect_refused(
      base, [&](schema::ProgramT& p) { set(p, bad); }, status);
}

/// What a float of a program may be: from smallest to largest, both included; 0, of either sign
/// where it may be negative.
struct Floats {
  float smallest, largest;
  bool zero = false, negative = false;
};

/// Both ends of `allowed`, their neighbours, zeros, signs, subnormals, infinities and NaNs.
void expect_floats(const char* what, const Floats& allowed, const SetFloat& set,
                   const Base& base = Small::shallow);

float below(float x);
float above(float x);

}  // namespace vitro
