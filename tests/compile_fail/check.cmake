# SPDX-License-Identifier: BSL-1.0
#
# cmake -DCOMPILER=… -DFLAGS=… -DUSAGE=… -DSOURCE=… -P check.cmake
# Passes if SOURCE does not compile and the sentence on its first line is in the first 20 lines of what the compiler says.

cmake_minimum_required(VERSION 3.24)

file(READ "${SOURCE}" first_line LIMIT 1000)
string(REGEX REPLACE "\r?\n.*" "" first_line "${first_line}")
if(NOT first_line MATCHES "^// expect: (.+)$")
    message(FATAL_ERROR "${SOURCE}: the first line must be `// expect: <sentence>`")
endif()
string(STRIP "${CMAKE_MATCH_1}" sentence)

include("${USAGE}")
set(command "${COMPILER}" ${FLAGS})
foreach(definition IN LISTS definitions)
    list(APPEND command "-D${definition}")
endforeach()
foreach(dir IN LISTS include_dirs)
    # Not -isystem: g++ no longer finds its own headers after -isystem /usr/include.
    list(APPEND command "-I${dir}")
endforeach()
# Errors only: a warning before them would move the sentence down.
list(APPEND command -w -fsyntax-only "${SOURCE}")

set(ENV{LC_ALL} C)
execute_process(COMMAND ${command} RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE said)

# The first 20 lines, cut by hand: as a list the text would fall apart at its semicolons and brackets.
set(head "")
set(rest "${said}")
foreach(line RANGE 1 20)
    string(FIND "${rest}" "\n" end)
    if(end EQUAL -1)
        string(APPEND head "${rest}")
        break()
    endif()
    math(EXPR end "${end} + 1")
    string(SUBSTRING "${rest}" 0 ${end} piece)
    string(SUBSTRING "${rest}" ${end} -1 rest)
    string(APPEND head "${piece}")
endforeach()

if(result EQUAL 0)
    message(FATAL_ERROR "${SOURCE}: it compiles, but must not")
endif()
string(FIND "${head}" "${sentence}" found)
if(found EQUAL -1)
    # Quoted line by line, because message() would reflow it.
    message("${head}")
    message(FATAL_ERROR "${SOURCE}: it does not compile, but the first 20 lines above do not say: ${sentence}")
endif()
