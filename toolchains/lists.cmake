# SPDX-License-Identifier: Apache-2.0
# vitro_read_list(OUT FILE FIRST [COUNT]): reads the lines NAME(a, b, ...) of a .def file and sets OUT to a list of
# their arguments: of each line COUNT arguments (by default all the rest), from number FIRST on, where the first is
# number 0. C++ includes the same file, so that nothing has to be named twice.
function(vitro_read_list out file first)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(count -1)
  if(ARGC GREATER 3)
    set(count ${ARGV3})
  endif()
  file(STRINGS ${file} lines REGEX "^[A-Z_]+\\(.*\\)")
  set(all)
  foreach(line IN LISTS lines)
    string(REGEX REPLACE "^[A-Z_]+\\((.*)\\).*$" "\\1" arguments "${line}")
    string(REGEX REPLACE ", *" ";" arguments "${arguments}")
    list(SUBLIST arguments ${first} ${count} arguments)
    list(APPEND all ${arguments})
  endforeach()
  set(${out} ${all} PARENT_SCOPE)
endfunction()
