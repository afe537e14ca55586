// SPDX-License-Identifier: Apache-2.0
// In place of the build machine's, which wants glibc's locales. <string> declares what mentions them; nothing is ever called.
#include <clocale>
#define _GLIBCXX_NUM_CATEGORIES 0
namespace std {
typedef int* __c_locale;
}
