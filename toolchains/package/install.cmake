# SPDX-License-Identifier: Apache-2.0
# cmake --install: component runtime (static library, headers, CMake package, vitro.pc) and component tool (the vitro tool, installed by platforms/host).
# Everything is relative to the prefix, so that the installed tree can be moved.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vitro)
install(TARGETS vitro_runtime EXPORT vitro_targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT runtime INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
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

# Each Debian package has its own copy of what it owes to others.
install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libvitro-dev COMPONENT runtime)
if(VITRO_BUILD_TOOL)
  install(FILES ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/vitro COMPONENT tool)
endif()
