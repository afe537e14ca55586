// SPDX-License-Identifier: Apache-2.0
// In place of the build machine's, which asks glibc for its version: newlib has nothing to add.
