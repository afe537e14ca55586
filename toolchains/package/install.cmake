# SPDX-License-Identifier: Apache-2.0
# What 'cmake --install' installs. Component runtime: static library, headers, CMake package, vitro.pc. Component tool:
# the vitro tool (platforms/host installs the binary). All paths are relative to the prefix, so that the installed tree
# can be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vitro)
install(TARGETS vitro_runtime vitro_picture vitro_threads EXPORT vitro_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/runtime/include/vitro DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT runtime)
install(EXPORT vitro_targets NAMESPACE vitro:: FILE vitro-targets.cmake DESTINATION ${package} COMPONENT runtime)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/vitro-config.cmake.in ${PROJECT_BINARY_DIR}/package/vitro-config.cmake
  INSTALL_DESTINATION ${package} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/vitro-config-version.cmake VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/vitro-config.cmake ${PROJECT_BINARY_DIR}/package/vitro-config-version.cmake DESTINATION ${package} COMPONENT runtime)

file(RELATIVE_PATH VITRO_PC_TO_PREFIX ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" VITRO_PC_TO_PREFIX ${VITRO_PC_TO_PREFIX})
configure_file(${CMAKE_CURRENT_LIST_DIR}/vitro.pc.in ${PROJECT_BINARY_DIR}/package/vitro.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/package/vitro.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT runtime)

# Each Debian package has its own copy of the copyright file.
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libvitro-dev COMPONENT runtime)
if(VITRO_BUILD_TOOL)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/vitro COMPONENT tool)
endif()

# An SPDX list of what each component contains. It is made when the component is installed or packed, so that it has the
# versions of that moment.
string(REGEX MATCH "^[0-9]+" compiler_version ${CMAKE_CXX_COMPILER_VERSION})
set(cross "")
if(CMAKE_CROSSCOMPILING AND CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  set(cross -arm64-cross)
elseif(CMAKE_CROSSCOMPILING)
  set(cross -armhf-cross)
endif()
function(vitro_sbom component package name compiled_in)
  set(out ${PROJECT_BINARY_DIR}/package/${name}.spdx.json)
  if(CMAKE_CROSSCOMPILING)
    set(versions -DSYSROOT_VERSIONS=${vitro_sysroot}/versions -DCROSS=${cross})
  endif()
  install(CODE "execute_process(COMMAND \"${CMAKE_COMMAND}\" -DOUT=${out} -DNAME=${name} -DVERSION=${PROJECT_VERSION} \"-DCOMPILED_IN=${compiled_in}\" ${ARGN} ${versions}
    -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/sbom.cmake COMMAND_ERROR_IS_FATAL ANY)" COMPONENT ${component})
  install(FILES ${out} DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} COMPONENT ${component})
endfunction()
vitro_sbom(runtime libvitro-dev libvitro-dev "")
if(VITRO_BUILD_TOOL)
  set(compiled_in libflatbuffers-dev libstb-dev nlohmann-json3-dev libcli11-dev)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND compiled_in libstdc++-${compiler_version}-dev${cross} libgcc-${compiler_version}-dev${cross})
  endif()
  vitro_sbom(tool vitro vitro "${compiled_in}" -DBINARY=$<TARGET_FILE:vitro> -DOBJDUMP=${CMAKE_OBJDUMP})
endif()
