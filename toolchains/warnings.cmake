# SPDX-License-Identifier: Apache-2.0
set(VITRO_WARNINGS -Wall -Wextra -Wshadow -Wpointer-arith)
option(VITRO_WERROR "Treat warnings as errors" OFF)
if(VITRO_WERROR)
  list(APPEND VITRO_WARNINGS -Werror)
  if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    list(APPEND VITRO_WARNINGS -Wno-error=deprecated-declarations)  # clang 17 and later: libstdc++ 12's own stable_sort uses a deprecated function
  endif()
endif()
