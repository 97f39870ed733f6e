# SPDX-License-Identifier: BSL-1.0
#
# Runs check.cmake on sources whose verdict is known.

cmake_minimum_required(VERSION 3.24)

# judge(<source> <the words of the verdict, or nothing where it must pass>)
function(judge source words)
    execute_process(
        COMMAND
            "${CMAKE_COMMAND}" "-DCOMPILER=${COMPILER}" "-DFLAGS=${FLAGS}" "-DUSAGE=${USAGE}"
            "-DSOURCE=${SOURCES}/${source}" -P "${CMAKE_CURRENT_LIST_DIR}/check.cmake"
        RESULT_VARIABLE result
        OUTPUT_VARIABLE said
        ERROR_VARIABLE said
    )
    # message() wraps long lines.
    string(REGEX REPLACE "[ \n]+" " " said "${said}")
    string(FIND "${said}" "${words}" found)
    if(words STREQUAL "" AND NOT result EQUAL 0)
        message(FATAL_ERROR "${source} must pass the check, but: ${said}")
    elseif(NOT words STREQUAL "" AND (result EQUAL 0 OR found EQUAL -1))
        message(FATAL_ERROR "${source} must be refused with `${words}`, but: result ${result}, ${said}")
    endif()
endfunction()

judge(says_it.cpp "")
judge(compiles.cpp "it compiles, but must not")
judge(says_something_else.cpp "do not say: batchpace: a sentence")
judge(says_it_too_late.cpp "do not say: batchpace: a sentence")
judge(expects_nothing.cpp "the first line must be")
