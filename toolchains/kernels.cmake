# SPDX-License-Identifier: Apache-2.0
# Which kernel variants a build contains, and the compiler flags of each ISA. kernels.def says what each ISA runs.

# What the arithmetic law requires of every file that computes: no fused multiply-add, and no errno, so that sqrt is an
# instruction. The order matters: GCC's -fno-fast-math turns errno on again.
set(VITRO_LAW_FLAGS -ffp-contract=off -fno-fast-math -fno-math-errno)

# vitro_gcc_flags(NAME FLAGS...): sets NAME to the flags with GCC, and to nothing with other compilers. They work around
# faults of GCC, and clang does not know them.
function(vitro_gcc_flags name)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(${name} ${ARGN} PARENT_SCOPE)
  endif()
endfunction()

set(VITRO_FLAGS_avx2 -mavx2)
# Where a function goes on to use the accumulators after the loop, GCC's partial redundancy elimination stores all of them
# in every iteration.
vitro_gcc_flags(only_gcc_tiles -fno-tree-pre)
set(VITRO_FLAGS_avx_vnni -mavx2 -mavxvnni ${only_gcc_tiles})
set(VITRO_FLAGS_avx_vnni_as_avx512 -mavx2 -mavx512f -mavx512vl -mavx512vnni ${only_gcc_tiles})
option(VITRO_AVX_VNNI_AS_AVX512 "Encode avx_vnni's instructions as AVX-512 has them, to time it on machines that have no AVX-VNNI" OFF)
if(VITRO_AVX_VNNI_AS_AVX512)
  set(VITRO_FLAGS_avx_vnni ${VITRO_FLAGS_avx_vnni_as_avx512})
endif()
# GCC 12 warns that _mm512_undefined_epi32() of its own headers is an uninitialised variable.
vitro_gcc_flags(only_gcc_avx512 -Wno-uninitialized -Wno-maybe-uninitialized ${only_gcc_tiles})
set(VITRO_FLAGS_avx512_vnni -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni ${only_gcc_avx512})
# Scheduling before register allocation moves the products of all rows forward, and accumulators are spilled.
vitro_gcc_flags(only_gcc_neon -fno-schedule-insns)
set(VITRO_FLAGS_neon ${only_gcc_neon})
# Tuned for A76, because the second scheduling pass then moves loads further ahead of their uses. By llvm-mca, the 64
# sdot of the inner loop then take 32 cycles instead of 33, and on an in-order A55 53 instead of 96.
set(VITRO_FLAGS_neon_dotprod -march=armv8.2-a+dotprod -mtune=cortex-a76 ${only_gcc_neon})
set(VITRO_FLAGS_neon_i8mm -march=armv8.2-a+dotprod+i8mm -mtune=cortex-a76 ${only_gcc_neon})
# Firmware is built for one core; the toolchain file sets its flags.
set(VITRO_FLAGS_helium "")
# Its assembly needs all registers, even where nothing is optimised.
set(VITRO_FLAGS_dsp -fomit-frame-pointer)

# What the compiler makes, by its own macros (runtime/kernels/isas.h): names of processors say nothing of its flags.
# Flags that a project gives its folders count, too; those of a single target, which nobody knows here, do not.
get_directory_property(folder_flags COMPILE_OPTIONS)
list(FILTER folder_flags EXCLUDE REGEX "\\$<")
separate_arguments(all_flags NATIVE_COMMAND "${CMAKE_CXX_COMPILER_ARG1} ${CMAKE_CXX_FLAGS}")
if(CMAKE_CXX_COMPILER_TARGET)
  list(APPEND all_flags --target=${CMAKE_CXX_COMPILER_TARGET})
endif()
execute_process(COMMAND ${CMAKE_CXX_COMPILER} ${all_flags} ${folder_flags} -std=c++17 -I${PROJECT_SOURCE_DIR} -DVITRO_FLAGS_GIVEN
  -dM -E -x c++ ${PROJECT_SOURCE_DIR}/runtime/kernels/isas.h OUTPUT_VARIABLE macros ERROR_VARIABLE fault RESULT_VARIABLE failed)
set(sentence "no compiler of C++")
if(fault MATCHES "#?error \"?vitro: ([^\"\n]*)")
  set(sentence "${CMAKE_MATCH_1}")
endif()
if(failed AND NOT DEFINED VITRO_ISAS)
  message(FATAL_ERROR "The runtime cannot be compiled with these flags: ${sentence}. (For the reference kernels alone, -DVITRO_ISAS=)\n${fault}")
endif()
# Without a hardware ABI GCC 12 gives these cores the macros of an ARMv8.0-M; only the flags still name them.
if("${all_flags};${folder_flags}" MATCHES "-mcpu=cortex-m(52|55|85)(;|$)" AND NOT macros MATCHES "#define VITRO_HAVE_HELIUM[ \n]" AND NOT DEFINED VITRO_ISAS)
  message(FATAL_ERROR "The runtime cannot be compiled with these flags: this core's Helium needs -mfloat-abi=hard. (For the DSP kernels alone, -DVITRO_ISAS=dsp)")
endif()
# The architecture: x86_64, aarch64 or arm; empty: another.
set(VITRO_CPU "")
foreach(cpu x86_64 aarch64 arm)
  if(macros MATCHES "#define __${cpu}__ ")
    set(VITRO_CPU ${cpu})
  endif()
endforeach()
set(compiled "")
foreach(isa avx2 avx_vnni avx512_vnni neon neon_dotprod neon_i8mm helium dsp)
  string(TOUPPER ${isa} name)
  if(macros MATCHES "#define VITRO_HAVE_${name}[ \n]")
    list(APPEND compiled ${isa})
  endif()
endforeach()
# Nothing may mean a core without kernels or one that only the flags of some target name. Then each source decides.
set(VITRO_ISAS_BY_SOURCES OFF)
if(NOT DEFINED VITRO_ISAS AND NOT compiled)
  set(VITRO_ISAS_BY_SOURCES ON)
elseif(NOT DEFINED VITRO_ISAS)
  set(VITRO_ISAS "${compiled}" CACHE STRING "Kernel variants to build beside the reference (avx2 avx_vnni avx512_vnni | neon | neon neon_dotprod neon_i8mm | helium | dsp)")
endif()
if(VITRO_ISAS_BY_SOURCES)
  message(STATUS "Kernel variants: what the flags of vitro_runtime allow; the flags of this project allow none")
else()
  message(STATUS "Kernel variants: ${VITRO_ISAS} reference")
endif()

# vitro_add_kernels(TARGET): adds <family>/<family>_<isa>.cpp of every ISA in VITRO_ISAS to the target, with the ISA's flags, and
# the digest's code for CPUs with instructions for SHA-256.
function(vitro_add_kernels target)
  if(VITRO_ISAS_BY_SOURCES)
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/kernels/*/*.cpp ${PROJECT_SOURCE_DIR}/runtime/digest/sha256_*.cpp)
    list(FILTER sources EXCLUDE REGEX "_reference\\.cpp$")
    target_sources(${target} PRIVATE ${sources})
    return()
  endif()
  # The flags of this file instead of the pragmas in kernels/targets.h and law_flags.h.
  target_compile_definitions(${target} PRIVATE VITRO_ISAS_CHOSEN VITRO_FLAGS_GIVEN)
  foreach(isa IN LISTS VITRO_ISAS)
    if(NOT DEFINED VITRO_FLAGS_${isa})
      message(FATAL_ERROR "VITRO_ISAS: unknown kernel variant '${isa}'")
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/runtime/kernels/*/*_${isa}.cpp)
    # No stack protector: vitro_open has proven where a kernel writes, and a check on every tile would cost time and stack.
    # -O3 even where the rest is built for size: -O2 does not unroll the loops over accumulators.
    set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS "${VITRO_FLAGS_${isa}};-fno-stack-protector;$<$<NOT:$<CONFIG:Debug>>:-O3>")
    target_sources(${target} PRIVATE ${sources})
    string(TOUPPER ${isa} name)
    target_compile_definitions(${target} PRIVATE VITRO_HAVE_${name} $<$<BOOL:${VITRO_AVX_VNNI_AS_AVX512}>:VITRO_AVX_VNNI_AS_AVX512>)
  endforeach()
  # SHA-256 by instructions that only some CPUs of the architecture have.
  if(VITRO_CPU STREQUAL "x86_64")
    set(digest ${PROJECT_SOURCE_DIR}/runtime/digest/sha256_x86.cpp)
    set_source_files_properties(${digest} PROPERTIES COMPILE_OPTIONS "-mssse3;-msse4.1;-msha")
  elseif(VITRO_CPU STREQUAL "aarch64" AND CMAKE_SIZEOF_VOID_P EQUAL 8)
    set(digest ${PROJECT_SOURCE_DIR}/runtime/digest/sha256_aarch64.cpp)
    set_source_files_properties(${digest} PROPERTIES COMPILE_OPTIONS "-march=armv8-a+crypto")
  endif()
  if(digest)
    target_sources(${target} PRIVATE ${digest})
    target_compile_definitions(${target} PRIVATE VITRO_HAVE_SHA256_INSTRUCTIONS)
  endif()
endfunction()
