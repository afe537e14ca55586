// SPDX-License-Identifier: Apache-2.0
// Replaces the build machine's header, which needs POSIX threads.
#include <bits/gthr-single.h>
