# SPDX-License-Identifier: Apache-2.0
# Finds the libraries that vitro needs among the distribution's packages. Nothing is ever downloaded.

# Header-only packages are looked for among those of the target. A toolchain file that sets VITRO_BUILD_MACHINE_HEADERS, as
# the project's own do, takes the build machine's where the target has none: they work for every architecture. But a cross
# compiler must not see the rest of that /usr/include, so the build tree gets one folder for each package, with a link to its
# headers.
function(vitro_header_package target directory header package)
  find_path(${target}_DIR ${directory}/${header})
  if(VITRO_BUILD_MACHINE_HEADERS)
    find_path(${target}_DIR ${directory}/${header} PATHS /usr/include /usr/local/include NO_DEFAULT_PATH NO_CMAKE_FIND_ROOT_PATH)
  endif()
  if(NOT ${target}_DIR)
    if(CMAKE_CROSSCOMPILING)
      message(FATAL_ERROR "${directory}/${header} of the target not found: install its ${package}, say where it is by -D${target}_DIR=, or take this machine's by -DVITRO_BUILD_MACHINE_HEADERS=ON")
    endif()
    message(FATAL_ERROR "${directory}/${header} not found: install ${package}")
  endif()
  set(root ${PROJECT_BINARY_DIR}/headers/${target})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${${target}_DIR}/${directory} ${root}/${directory} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE $<BUILD_INTERFACE:${root}>)
endfunction()

# The runtime needs no package. Programs are written by FlatBuffers.
if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL OR VITRO_BUILD_TESTS)
  vitro_header_package(vitro_flatbuffers_headers flatbuffers flatbuffers.h libflatbuffers-dev)
  # The schema aligns constants to 64 bytes; by default FlatBuffers' assertions allow at most 32.
  target_compile_definitions(vitro_flatbuffers_headers INTERFACE FLATBUFFERS_MAX_ALIGNMENT=64)
endif()

if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL OR VITRO_BUILD_TESTS)
  find_package(Threads)
endif()
if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL)
  vitro_header_package(vitro_json_headers nlohmann json.hpp nlohmann-json3-dev)
endif()
if(VITRO_BUILD_TOOL OR VITRO_BUILD_TESTS)
  vitro_header_package(vitro_stb_headers stb stb_image.h libstb-dev)
  vitro_header_package(vitro_cli11_headers CLI CLI.hpp libcli11-dev)
endif()

# XNNPACK is the converter's float engine. A tool without it has no --linear xnnpack.
if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL)
  find_library(VITRO_XNNPACK_LIBRARY XNNPACK)
  find_path(VITRO_XNNPACK_INCLUDE xnnpack.h)
endif()
if(VITRO_BUILD_CONVERTER AND (NOT VITRO_XNNPACK_LIBRARY OR NOT VITRO_XNNPACK_INCLUDE))
  message(FATAL_ERROR "XNNPACK not found: install libxnnpack-dev, or configure with -DVITRO_BUILD_CONVERTER=OFF")
endif()
# zlib decompresses .npz files and checks the CRC of PyTorch's files.
if(VITRO_BUILD_CONVERTER)
  find_package(ZLIB REQUIRED)
endif()
if(VITRO_XNNPACK_LIBRARY AND VITRO_XNNPACK_INCLUDE)
  add_library(vitro_xnnpack INTERFACE)
  target_link_libraries(vitro_xnnpack INTERFACE ${VITRO_XNNPACK_LIBRARY})
  if(NOT VITRO_XNNPACK_INCLUDE STREQUAL "/usr/include")
    target_include_directories(vitro_xnnpack SYSTEM INTERFACE ${VITRO_XNNPACK_INCLUDE})
  endif()
endif()

# libsodium signs programs and verifies signatures; without it the tool does neither.
if(VITRO_BUILD_TOOL)
  find_library(VITRO_SODIUM_LIBRARY sodium)
  find_path(VITRO_SODIUM_INCLUDE sodium.h)
  if(VITRO_SODIUM_LIBRARY AND VITRO_SODIUM_INCLUDE)
    add_library(vitro_sodium INTERFACE)
    target_link_libraries(vitro_sodium INTERFACE ${VITRO_SODIUM_LIBRARY})
    if(NOT VITRO_SODIUM_INCLUDE STREQUAL "/usr/include")
      target_include_directories(vitro_sodium SYSTEM INTERFACE ${VITRO_SODIUM_INCLUDE})
    endif()
  else()
    message(STATUS "No libsodium: the tool neither signs programs nor verifies signatures")
  endif()
endif()

# The JPEG decoder. Different decoders give different pixels, so a build for another machine should have the same
# decoder as the build for this one.
if(VITRO_BUILD_TOOL)
  set(VITRO_JPEG AUTO CACHE STRING "JPEG decoder: TURBO (libjpeg-turbo), STB (stb_image), or AUTO for the first where it is found")
  set_property(CACHE VITRO_JPEG PROPERTY STRINGS AUTO TURBO STB)
  if(NOT VITRO_JPEG MATCHES "^(AUTO|TURBO|STB)$")
    message(FATAL_ERROR "VITRO_JPEG is ${VITRO_JPEG}: AUTO, TURBO or STB")
  endif()
  if(NOT VITRO_JPEG STREQUAL "STB")
    find_library(VITRO_JPEG_LIBRARY jpeg)
    find_path(VITRO_JPEG_INCLUDE jpeglib.h)
    find_path(VITRO_JPEG_CONFIG_INCLUDE jconfig.h)  # Debian has one for each architecture
    if(VITRO_JPEG_LIBRARY AND VITRO_JPEG_INCLUDE AND VITRO_JPEG_CONFIG_INCLUDE)
      # Naming a folder that the compiler searches anyway would change the order of its search.
      set(vitro_jpeg_includes ${VITRO_JPEG_INCLUDE} ${VITRO_JPEG_CONFIG_INCLUDE})
      list(REMOVE_DUPLICATES vitro_jpeg_includes)
      list(REMOVE_ITEM vitro_jpeg_includes ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES} /usr/include)
      # Other libraries are called libjpeg too; only libjpeg-turbo's pixels are the reference.
      include(CheckCXXSourceCompiles)
      set(CMAKE_REQUIRED_INCLUDES ${vitro_jpeg_includes})
      set(CMAKE_REQUIRED_LIBRARIES ${VITRO_JPEG_LIBRARY})
      check_cxx_source_compiles("#include <cstdio>
        #include <jpeglib.h>
        #ifndef LIBJPEG_TURBO_VERSION
        #error another libjpeg
        #endif
        int main() { jpeg_decompress_struct d; return jpeg_skip_scanlines(&d, 1) != 0; }" VITRO_JPEG_IS_TURBO)
      unset(CMAKE_REQUIRED_INCLUDES)
      unset(CMAKE_REQUIRED_LIBRARIES)
    endif()
    if(VITRO_JPEG_IS_TURBO)
      add_library(vitro_jpeg INTERFACE)
      target_link_libraries(vitro_jpeg INTERFACE ${VITRO_JPEG_LIBRARY})
      target_include_directories(vitro_jpeg SYSTEM INTERFACE ${vitro_jpeg_includes})
    elseif(VITRO_JPEG STREQUAL "TURBO")
      message(FATAL_ERROR "libjpeg-turbo not found: install libjpeg62-turbo-dev (toolchains/install.sh tests has it for cross compilers too), or configure with -DVITRO_JPEG=STB")
    else()
      message(STATUS "No libjpeg-turbo: JPEGs are decoded by stb_image, whose pixels differ a little from Pillow's")
    endif()
  endif()
endif()
