# SPDX-License-Identifier: Apache-2.0
# cmake -DPEM=KEY.pub -DLEAST_COUNTER=N -DHEADER=FILE.h -P required_key.cmake
# Writes a public Ed25519 key (from 'vitro keygen' or openssl) as a header, for builds that open only signed programs.
# Fails where PEM is not such a key, or LEAST_COUNTER not a number.
cmake_minimum_required(VERSION 3.20)
if(NOT EXISTS "${PEM}" OR NOT LEAST_COUNTER MATCHES "^[0-9]+$")
  message(FATAL_ERROR "The key is '${PEM}', the least counter '${LEAST_COUNTER}': give the file of a public key, as 'vitro keygen' writes it, and a number")
endif()

# Decodes the base64 between the BEGIN and END lines into upper-case hex.
file(STRINGS "${PEM}" lines REGEX "^[A-Za-z0-9+/=]+$")
list(JOIN lines "" text)
set(alphabet "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
set(hex "")
string(LENGTH "${text}" length)
if(length EQUAL 60)
  foreach(at RANGE 0 56 4)
    set(group 0)
    set(digits 6)
    foreach(i RANGE 3)
      math(EXPR place "${at} + ${i}")
      string(SUBSTRING "${text}" ${place} 1 character)
      set(value 0)
      if(character STREQUAL "=")
        math(EXPR digits "${digits} - 2")
      else()
        string(FIND "${alphabet}" "${character}" value)
      endif()
      math(EXPR group "${group} * 64 + ${value}")
    endforeach()
    math(EXPR group "16777216 + ${group}" OUTPUT_FORMAT HEXADECIMAL)  # a leading 1 keeps the zeros
    string(SUBSTRING "${group}" 3 ${digits} group)
    string(APPEND hex "${group}")
  endforeach()
endif()
# SubjectPublicKeyInfo of id-Ed25519 (RFC 8410), then the key.
string(LENGTH "${hex}" digits)
if(NOT digits EQUAL 88 OR NOT hex MATCHES "^302a300506032b6570032100")
  message(FATAL_ERROR "${PEM} is not a public Ed25519 key in PEM format: give one that 'vitro keygen' has written")
endif()
string(SUBSTRING "${hex}" 24 64 key)
string(REGEX REPLACE "(..)" "0x\\1, " bytes "${key}")
file(WRITE "${HEADER}" "// Made by toolchains/required_key.cmake.
#pragma once
#include <stdint.h>
namespace vitro {
constexpr uint8_t kRequiredKey[32] = {${bytes}};
constexpr uint64_t kLeastCounter = ${LEAST_COUNTER}u;
}  // namespace vitro
")
