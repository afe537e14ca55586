// SPDX-License-Identifier: Apache-2.0
// Replaces the build machine's header, which needs glibc's locales. <string> only declares functions
// that mention these; none is ever called.
#include <clocale>
#define _GLIBCXX_NUM_CATEGORIES 0
namespace std {
typedef int* __c_locale;
}
