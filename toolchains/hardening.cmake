# SPDX-License-Identifier: Apache-2.0
# What compilers and linkers can add against exploits, for the tool and the library on Linux. Builds with sanitizers
# do not have it, because sanitizers have checks of their own. Firmware does not have it either: an image has no
# loader, no glibc, no source of random canaries and a limit on its text, and BTI and PAC do nothing on its cores
# (Cortex-A53 and A72 are ARMv8.0; Cortex-M4, M7 and M55 have no such extension).
set(hardened ON)
if(CMAKE_SYSTEM_NAME STREQUAL "Generic" OR CMAKE_CXX_FLAGS MATCHES "-fsanitize")
  set(hardened OFF)
endif()
option(VITRO_HARDEN "Stack protector, FORTIFY, checked containers, CET or BTI and PAC, full RELRO" ${hardened})

set(vitro_hardening_flags "")
if(VITRO_HARDEN)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  include(CheckCXXCompilerFlag)
  set(CMAKE_REQUIRED_FLAGS -Werror) # clang only warns of a flag that is another processor's
  foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
    string(MAKE_C_IDENTIFIER "VITRO_HAS${flag}" known)
    check_cxx_compiler_flag(${flag} ${known})
    if(${known})
      list(APPEND vitro_hardening_flags ${flag})
    endif()
  endforeach()
  unset(CMAKE_REQUIRED_FLAGS)
  # Level 3 also checks blocks whose size is known only at run time; compilers that do not know it take level 2. Without
  # optimisation FORTIFY only warns. -D is a flag here, because definitions come before -U on the command line.
  set(optimised $<NOT:$<CONFIG:Debug>>)
  list(APPEND vitro_hardening_flags $<${optimised}:-U_FORTIFY_SOURCE> $<${optimised}:-D_FORTIFY_SOURCE=3>)
endif()

# vitro_harden(TARGET [CONTAINERS]): applies the above. With CONTAINERS, the standard library also checks indices and
# iterators; that calls a function of the C++ library, which the runtime must not need.
function(vitro_harden target)
  if(NOT VITRO_HARDEN)
    return()
  endif()
  target_compile_options(${target} PRIVATE ${vitro_hardening_flags})
  if("CONTAINERS" IN_LIST ARGN)
    target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
  endif()
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "EXECUTABLE")
    target_link_options(${target} PRIVATE LINKER:-z,relro,-z,now,-z,noexecstack)
  endif()
endfunction()
