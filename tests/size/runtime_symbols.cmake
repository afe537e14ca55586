# SPDX-License-Identifier: Apache-2.0
# cmake -DNM= -DOBJDUMP= -DLIBRARY= -DISAS= -P runtime_symbols.cmake
# Fails where libvitro_runtime.a uses the heap, exceptions, stdio or start-up code, or has writable data, or where the
# linker could take code from an ISA's object for other objects.
cmake_minimum_required(VERSION 3.20)
execute_process(COMMAND ${NM} -A -P ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${OBJDUMP} -h ${LIBRARY} OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)

set(forbidden
  "(malloc|calloc|realloc|free|cfree|memalign|aligned_alloc|posix_memalign|strdup|_?sbrk|mmap|munmap|alloca)"
  "_Z(nw|na|dl|da).*" "__cxa_.*" "__gxx_personality.*" "_Unwind.*" "__aeabi_(un)?wind.*" "_ZSt.*__throw.*" "_ZTI.*" "_ZTV.*" "__dynamic_cast"
  "(printf|fprintf|sprintf|snprintf|vprintf|vfprintf|vsnprintf|puts|fputs|putchar|fwrite|fread|fopen|fclose|fflush|perror|stdout|stderr|__printf_chk|__fprintf_chk)"
  "_ZN?K?St.*(cout|cerr|ios|string).*" "(at_?exit|__aeabi_atexit|exit|_exit|abort|raise|signal|longjmp|setjmp|getenv|pthread_.*|errno|__errno_location)"
  "(expf?|exp2f?|logf?|powf?|erff?|rintf?|lrintf?|roundf?|nearbyintf?|sqrtf?|fmaf?|floorf?|ceilf?)" "(qsort|bsearch|rand)"
  # Arithmetic that 32-bit cores do not have: 64-bit division, double precision.
  "__aeabi_(u?ldivmod|[cdf][a-z0-9]+|u?[il]2[df]|u?l2[df]|[df]2[a-z]+)" "__(u?div|u?mod)[dt]i[34]")
string(REPLACE ";" "|" forbidden "${forbidden}")

set(faults "")
string(REPLACE "\n" ";" lines "${symbols}")
set(count 0)
foreach(line IN LISTS lines)
  if(NOT line MATCHES "\\[([^]]+)\\]: ([^ ]+) ([A-Za-z?])")
    continue()
  endif()
  math(EXPR count "${count} + 1")
  set(object ${CMAKE_MATCH_1})
  set(symbol ${CMAKE_MATCH_2})
  set(type ${CMAKE_MATCH_3})
  if(type STREQUAL "U" AND symbol MATCHES "^(${forbidden})$")
    list(APPEND faults "${object} calls ${symbol}")
  endif()
  if(type MATCHES "^[bBdDC]$" AND NOT symbol MATCHES "kTiles|kTables|^_ZN5vitro[0-9]+k|^_ZN5vitroL?[0-9]+k")
    list(APPEND faults "${object} has the writable ${symbol}")
  endif()
  string(REGEX REPLACE "\\..*" "" isa ${object})
  if(isa IN_LIST ISAS)
    string(LENGTH ${isa} length)
    # Only code that names the ISA can use a strong symbol in the ISA's own namespace.
    if(type MATCHES "^[WVu]$" OR (type MATCHES "^[A-TV-Z]$" AND NOT symbol MATCHES "^_ZN5vitro${length}${isa}[0-9]+[a-z_]+E"))
      list(APPEND faults "${object} defines ${symbol} (${type}) outside its own namespace")
    endif()
  endif()
endforeach()
if(count LESS 50)
  list(APPEND faults "only ${count} symbols found: is ${NM} right?")
endif()

# .data.rel.ro is constant once it is loaded. In firmware nothing is relocated, and it lies in .rodata.
string(REGEX MATCHALL "[0-9]+ \\.(t?data|t?bss|init_array|ctors|fini_array)[^ \n]* +[0-9a-f]+" written "${sections}")
foreach(section IN LISTS written)
  if(NOT section MATCHES " \\.data\\.rel\\.ro" AND NOT section MATCHES " 0+$")
    list(APPEND faults "a section that is not empty: ${section}")
  endif()
endforeach()
string(REGEX MATCHALL "\\.(text|data|bss)[ .]" any "${sections}")
if(NOT any)
  list(APPEND faults "no sections found: is ${OBJDUMP} right?")
endif()

if(faults)
  list(REMOVE_DUPLICATES faults)
  list(JOIN faults "\n  " faults)
  message(FATAL_ERROR "${LIBRARY}:\n  ${faults}")
endif()
message("${count} symbols, none of them forbidden; no writable data")
