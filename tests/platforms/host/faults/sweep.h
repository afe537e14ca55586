// SPDX-License-Identifier: Apache-2.0
// What sweep_test.cpp sweeps: the commands, the calls in which each of them may fail, and what must
// hold of its outputs afterwards.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/platforms/host/faults/faults.h"

namespace vitro {

/// Which points are swept (sweep_test.cpp).
struct Points {
  bool every = false, by_places = false;
  std::set<std::string> commands;  // empty: all
};
extern Points swept_points;

/// What a command is to write, and what lies there before.
struct Case {
  const char* name;
  Arguments arguments;
  std::vector<std::string> outputs;
};

class Sweep : public ToolTest {
 protected:
  void SetUp() override;

  using Files = std::map<std::string, std::string>;  // contents by name
  Files files() const;
  /// The outputs as an earlier run left them.
  Files make_old(const Case& c) const;
  Files make_new(const Case& c) const;

  /// Calls `point` for calls spread over all of the command: `most` of them in the short form.
  void sweep(const Case& c, const std::string& in, unsigned long most,
             const std::function<void(unsigned long)>& point) const;

  /// The tool did its work, or said why not and left everything as it was.
  static void expect_all_or_nothing(const ToolResult& result, const Files& before,
                                    const Files& after, const Files& made);
  /// The same, or it left out photos that cannot be read or got no memory: then it ends with 1,
  /// names them, and has written what it writes of the others.
  void expect_work_on_others(const Case& c, const ToolResult& result, const Files& before,
                             const Files& made) const;

  std::vector<Case> cases_;

 private:
  std::vector<unsigned long> points(const Case& c, const std::string& in, unsigned long first,
                                    unsigned long count, unsigned long most) const;
};

}  // namespace vitro
