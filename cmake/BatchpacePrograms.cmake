# SPDX-License-Identifier: BSL-1.0
#
# What tests, examples and benchmarks share. No part of the installed package.

# batchpace_require(<what> <dependency> <target> [<dependency> <target>]...)
# Leaves the calling CMakeLists.txt, with one message, where a target does not exist. A macro, so that return() does it.
macro(batchpace_require what)
    set(batchpace_missing "")
    set(batchpace_pairs ${ARGN})
    while(batchpace_pairs)
        list(POP_FRONT batchpace_pairs batchpace_dependency batchpace_target)
        if(NOT TARGET ${batchpace_target})
            list(APPEND batchpace_missing "${batchpace_dependency}")
        endif()
    endwhile()
    if(batchpace_missing)
        list(JOIN batchpace_missing ", " batchpace_missing)
        message(STATUS "batchpace: ${what} left out, not found: ${batchpace_missing}")
        return()
    endif()
endmacro()

# batchpace_programs(<folder> <prefix> [ARGS <argument>...])
# One executable for each *.cpp of a folder, named after its file, run by CTest as <prefix>.<name>. Where a comment in it
# says `// Expected output: <text>`, that must be part of what it prints. One with a comment `// Needs: <target>...` is
# linked with these too, and left out, with a message, where one does not exist.
function(batchpace_programs folder prefix)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "ARGS")
    file(GLOB sources CONFIGURE_DEPENDS "${batchpace_glob_root}/${folder}/*.cpp")
    foreach(source IN LISTS sources)
        cmake_path(GET source STEM name)
        file(STRINGS "${source}" needs REGEX "^// Needs: " LIMIT_COUNT 1)
        string(REGEX REPLACE "^// Needs: " "" needs "${needs}")
        separate_arguments(needs)
        set(missing ${needs})
        foreach(target IN LISTS needs)
            if(TARGET ${target})
                list(REMOVE_ITEM missing ${target})
            endif()
        endforeach()
        if(missing)
            list(JOIN missing ", " missing)
            message(STATUS "batchpace: ${prefix} ${name} left out, not found: ${missing}")
            continue()
        endif()
        add_executable(${name} "${source}")
        target_link_libraries(${name} PRIVATE batchpace::batchpace ${needs})
        if(prefix STREQUAL "example")
            target_compile_options(${name} PRIVATE ${BATCHPACE_EXAMPLE_OPTIONS})
        endif()
        file(STRINGS "${source}" expected REGEX "^// Expected output: " LIMIT_COUNT 1)
        if(expected)
            set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${source}")
            string(REGEX REPLACE "^// Expected output: " "" expected "${expected}")
            add_test(
                NAME ${prefix}.${name}
                COMMAND
                    "${CMAKE_COMMAND}" "-DPROGRAM=$<TARGET_FILE:${name}>" "-DEXPECTED=${expected}" -P
                    "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/ExpectOutput.cmake"
            )
        else()
            add_test(NAME ${prefix}.${name} COMMAND ${name} ${arg_ARGS})
        endif()
        set_tests_properties(${prefix}.${name} PROPERTIES LABELS ${prefix} TIMEOUT 300)
    endforeach()
endfunction()
