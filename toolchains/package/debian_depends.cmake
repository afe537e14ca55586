# SPDX-License-Identifier: Apache-2.0
# Run by cpack. Sets the Depends of the tool's package from the libraries and symbol versions in the tool's dynamic
# section.
include(${CMAKE_CURRENT_LIST_DIR}/debian_libraries.cmake)
if(NOT EXISTS ${CPACK_VITRO_TOOL})
  return()
endif()
execute_process(COMMAND ${CPACK_VITRO_OBJDUMP} -p ${CPACK_VITRO_TOOL} OUTPUT_VARIABLE headers COMMAND_ERROR_IS_FATAL ANY)

string(REGEX MATCHALL "GLIBC_2\\.[0-9]+" versions "${headers}")
list(TRANSFORM versions REPLACE "GLIBC_" "")
list(SORT versions COMPARE NATURAL ORDER DESCENDING)
string(REGEX MATCH "[^;]+" libc_version "${versions}")

vitro_debian_libraries("${headers}" depends)
list(TRANSFORM depends REPLACE "^libc6$" "libc6 (>= ${libc_version})")
list(JOIN depends ", " CPACK_DEBIAN_TOOL_PACKAGE_DEPENDS)
