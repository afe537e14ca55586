// SPDX-License-Identifier: Apache-2.0
// In place of the build machine's, which wants POSIX threads.
#include <bits/gthr-single.h>
