# Packages of the distribution, found and never downloaded.

# Header-only packages serve every architecture, but a cross compiler must not see the whole of the build machine's /usr/include. So each gets
# a link of its own in the build tree.
function(vitro_header_package target directory header package)
  find_path(${target}_DIR ${directory}/${header} PATHS /usr/include /usr/local/include NO_CMAKE_FIND_ROOT_PATH)
  if(NOT ${target}_DIR)
    message(FATAL_ERROR "${directory}/${header} not found: install ${package}")
  endif()
  set(root ${PROJECT_BINARY_DIR}/headers/${target})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${${target}_DIR}/${directory} ${root}/${directory} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE $<BUILD_INTERFACE:${root}>)
endfunction()

vitro_header_package(vitro_flatbuffers_headers flatbuffers flatbuffers.h libflatbuffers-dev)
# The schema aligns constants to 64 bytes; FlatBuffers' assertions allow 32 unless told.
target_compile_definitions(vitro_flatbuffers_headers INTERFACE FLATBUFFERS_MAX_ALIGNMENT=64)

find_package(Threads)
if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL)
  vitro_header_package(vitro_json_headers nlohmann json.hpp nlohmann-json3-dev)
endif()
if(VITRO_BUILD_TOOL OR VITRO_BUILD_TESTS)
  vitro_header_package(vitro_stb_headers stb stb_image.h libstb-dev)
  vitro_header_package(vitro_cli11_headers CLI CLI.hpp libcli11-dev)
endif()

# The converter's float engine, whose header includes pthreadpool's; without it the tool has no --linear xnnpack.
if(VITRO_BUILD_CONVERTER OR VITRO_BUILD_TOOL)
  find_library(VITRO_XNNPACK_LIBRARY XNNPACK)
  find_path(VITRO_XNNPACK_INCLUDE xnnpack.h)
endif()
if(VITRO_BUILD_CONVERTER AND (NOT VITRO_XNNPACK_LIBRARY OR NOT VITRO_XNNPACK_INCLUDE))
  message(FATAL_ERROR "XNNPACK not found: install libxnnpack-dev, or configure with -DVITRO_BUILD_CONVERTER=OFF")
endif()
# Of compressed .npz files, and the CRC of PyTorch's.
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
