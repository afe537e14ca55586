# SPDX-License-Identifier: Apache-2.0
# Keeps the build of the converter and the tool short. Half of its time goes into headers that many sources include,
# and a third of the rest into optimising code that runs once.

# Flags for sources whose speed does not matter: command lines, configurations, reports, tests. GCC's -Og takes little
# longer than -O0, and has FORTIFY; clang's is -O1.
set(VITRO_SELDOM_RUN $<$<CONFIG:Release>:-Og>)

option(VITRO_UNITY "Compile the sources of a folder of the converter, the models and the tool as one" ON)

# vitro_unity(TARGET [TOGETHER FOLDERS...] [AT_A_TIME N]): compiles the target's sources as one translation unit for all
# FOLDERS (".": the target's own), which are small or include the same large headers, and as one for each N of the other
# folders; N is 1 unless given. Names in anonymous namespaces must therefore be unique within a unit and a namespace.
# Sources that have flags of their own are compiled alone.
function(vitro_unity target)
  cmake_parse_arguments(arg "" "AT_A_TIME" "TOGETHER" ${ARGN})
  if(NOT VITRO_UNITY)
    return()
  endif()
  if(NOT arg_AT_A_TIME)
    set(arg_AT_A_TIME 1)
  endif()
  set(others "")
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(source MATCHES "^\\$")
      continue()  # a generator expression: one of two sources, chosen by the configuration
    endif()
    get_filename_component(folder ${source} DIRECTORY)
    if("${folder}" IN_LIST arg_TOGETHER OR (NOT folder AND "." IN_LIST arg_TOGETHER))
      set(group together)
    else()
      if(NOT "x${folder}" IN_LIST others)
        list(APPEND others "x${folder}")
      endif()
      list(FIND others "x${folder}" index)
      math(EXPR first "${index} / ${arg_AT_A_TIME} * ${arg_AT_A_TIME}")
      list(GET others ${first} group)
      string(REPLACE "/" "_" group ${group})
    endif()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP
    UNITY_BUILD_CODE_BEFORE_INCLUDE "// NOLINTNEXTLINE(bugprone-suspicious-include)")
endfunction()
