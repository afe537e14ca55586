// SPDX-License-Identifier: Apache-2.0
// Replaces the build machine's header, which asks for glibc's version. Newlib needs nothing here.
