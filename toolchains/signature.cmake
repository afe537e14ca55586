# SPDX-License-Identifier: Apache-2.0
# Builds that open only signed programs: the public key that is compiled in and, where there is no operating system, the
# code that verifies signatures.
set(VITRO_REQUIRE_SIGNED "" CACHE FILEPATH "A public key ('vitro keygen'): the tool and the firmware open only programs that its owner signed")
set(VITRO_LEAST_COUNTER 0 CACHE STRING "With VITRO_REQUIRE_SIGNED: the lowest counter of a signed program that is opened")

# vitro_required_key(TARGET PEM LEAST_COUNTER): makes a library TARGET; code that links it opens only programs signed
# with this key. The build itself may make the key's file.
function(vitro_required_key target pem least_counter)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target})
  set(script ${PROJECT_SOURCE_DIR}/toolchains/required_key.cmake)
  add_custom_command(OUTPUT ${folder}/vitro_required_key.h
    COMMAND ${CMAKE_COMMAND} -DPEM=${pem} -DLEAST_COUNTER=${least_counter} -DHEADER=${folder}/vitro_required_key.h -P ${script}
    DEPENDS ${pem} ${script} VERBATIM)
  add_custom_target(${target}_header DEPENDS ${folder}/vitro_required_key.h)
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_header)
  target_include_directories(${target} INTERFACE ${folder})
  target_compile_definitions(${target} INTERFACE VITRO_REQUIRE_SIGNED)
endfunction()

if(VITRO_REQUIRE_SIGNED)
  get_filename_component(vitro_key ${VITRO_REQUIRE_SIGNED} ABSOLUTE BASE_DIR ${CMAKE_BINARY_DIR})
  if(NOT EXISTS ${vitro_key})
    message(FATAL_ERROR "VITRO_REQUIRE_SIGNED: ${vitro_key} does not exist; give the file of a public key, as 'vitro keygen' writes it")
  endif()
  vitro_required_key(vitro_required_key ${vitro_key} "${VITRO_LEAST_COUNTER}")
  if(VITRO_BUILD_TOOL AND NOT TARGET vitro_sodium)
    message(FATAL_ERROR "VITRO_REQUIRE_SIGNED needs libsodium: install libsodium-dev")
  endif()
endif()

# Ed25519 for firmware: those of libsodium's portable sources that verify signatures. Debian has no binary package of it
# for such targets, but it has the sources (fetch_source.sh).
if(top_level AND CMAKE_SYSTEM_NAME STREQUAL "Generic")
  set(VITRO_SODIUM_SOURCE ${PROJECT_SOURCE_DIR}/build/sysroot/source/libsodium CACHE PATH "libsodium's sources, as toolchains/fetch_source.sh unpacks them")
  set(sodium ${VITRO_SODIUM_SOURCE}/src/libsodium)
  if(EXISTS ${sodium}/crypto_sign/ed25519/ref10/open.c)
    add_library(vitro_ed25519 STATIC EXCLUDE_FROM_ALL
      ${sodium}/crypto_core/ed25519/ref10/ed25519_ref10.c
      ${sodium}/crypto_hash/sha512/cp/hash_sha512_cp.c
      ${sodium}/crypto_sign/ed25519/ref10/open.c
      ${sodium}/crypto_sign/ed25519/ref10/sign.c
      ${sodium}/crypto_verify/sodium/verify.c
      ${sodium}/sodium/utils.c)
    target_include_directories(vitro_ed25519 SYSTEM PUBLIC ${sodium}/include PRIVATE ${sodium}/include/sodium ${sodium}/crypto_sign/ed25519/ref10)
    target_compile_definitions(vitro_ed25519 PUBLIC SODIUM_STATIC PRIVATE CONFIGURED=1)
    if(CMAKE_SIZEOF_VOID_P EQUAL 8)
      target_compile_definitions(vitro_ed25519 PRIVATE HAVE_TI_MODE)  # the compiler has 128-bit products of 64-bit integers
    endif()
    target_compile_options(vitro_ed25519 PRIVATE -w)
  elseif(VITRO_REQUIRE_SIGNED)
    message(FATAL_ERROR "libsodium's sources are not in ${VITRO_SODIUM_SOURCE}: run toolchains/fetch_source.sh libsodium DIR, or give -DVITRO_SODIUM_SOURCE=DIR")
  endif()
endif()
