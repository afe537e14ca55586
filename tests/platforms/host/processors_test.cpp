// SPDX-License-Identifier: Apache-2.0
// The limits of control groups, from folders like those of the kernel.
#include "platforms/host/processors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/temporary_folder.h"

namespace vitro::host {
namespace {

class Processors : public TemporaryFolderTest {
 protected:
  std::optional<double> granted(const std::string& membership) const {
    return granted_processors(membership, path());
  }
};

TEST_F(Processors, NoGroupNoLimit) {
  EXPECT_FALSE(granted(""));
  EXPECT_FALSE(granted("0::/\n"));
  EXPECT_FALSE(granted("nonsense\n0:\n::\n"));
  EXPECT_FALSE(granted("0::/gone/away\n"));
}

TEST_F(Processors, Version2) {
  write("cpu.max", "150000 100000\n");
  EXPECT_EQ(granted("0::/\n"), 1.5);
  write("cpu.max", "max 100000\n");
  EXPECT_FALSE(granted("0::/\n"));
  write("cpu.max", "");
  EXPECT_FALSE(granted("0::/\n"));
  write("cpu.max", "100000 0\n");
  EXPECT_FALSE(granted("0::/\n"));
}

TEST_F(Processors, TheLeastOfAllGroupsAbove) {
  write("a/cpu.max", "200000 100000\n");
  write("a/b/cpu.max", "max 100000\n");
  write("a/b/c/cpu.max", "300000 100000\n");
  EXPECT_EQ(granted("0::/a/b/c\n"), 2);
  EXPECT_EQ(granted("0::/a/b\n"), 2);
  write("a/b/cpu.max", "50000 100000\n");
  EXPECT_EQ(granted("0::/a/b/c\n"), 0.5);
  EXPECT_EQ(granted("0::/a\n"), 2);
}

TEST_F(Processors, Version1) {
  write("cpu,cpuacct/box/cpu.cfs_quota_us", "250000\n");
  write("cpu,cpuacct/box/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(granted("3:memory:/box\n4:cpu,cpuacct:/box\n"), 2.5);
  EXPECT_EQ(granted("4:cpu,cpuacct:/box/inner\n0::/\n"), 2.5);
  write("cpu,cpuacct/box/cpu.cfs_quota_us", "-1\n");
  EXPECT_FALSE(granted("4:cpu,cpuacct:/box\n"));
  EXPECT_FALSE(granted("4:cpuset:/box\n")) << "another controller";
}

TEST(UsableProcessors, AtLeastOneAndNoMoreThanThereAre) {
  EXPECT_GE(usable_processors(), 1u);
  EXPECT_LE(usable_processors(), std::max(1u, std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace vitro::host
