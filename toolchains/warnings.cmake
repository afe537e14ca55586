# SPDX-License-Identifier: Apache-2.0
set(VITRO_WARNINGS -Wall -Wextra -Wshadow -Wpointer-arith)
# GCC 12 takes the sum of a literal and a string for an overlapping copy (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND VITRO_WARNINGS -Wno-restrict)
endif()
option(VITRO_WERROR "Treat warnings as errors" OFF)
if(VITRO_WERROR)
  list(APPEND VITRO_WARNINGS -Werror)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    list(APPEND VITRO_WARNINGS -Wno-error=deprecated-declarations)  # clang 17 and later: libstdc++ 12's own stable_sort uses a deprecated function
  endif()
endif()
