# SPDX-License-Identifier: BSL-1.0
#
# Configures, builds and runs the consumer project WAY from nothing. Whatever fails, fails the test.

cmake_minimum_required(VERSION 3.24)

function(run)
    execute_process(COMMAND ${ARGV} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE "${WORK}")
set(arguments "-DCMAKE_PREFIX_PATH=${WORK}/prefix")
if(WAY STREQUAL "find_package_boost")
    # As on a host that has Boost and no standalone Asio: there batchpace must configure, install and be of use.
    list(APPEND arguments "-DCMAKE_DISABLE_FIND_PACKAGE_Asio=ON")
    run(
        "${CMAKE_COMMAND}" -S "${BATCHPACE_SOURCE}" -B "${WORK}/batchpace" -G "${GENERATOR}" ${arguments}
        "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DBATCHPACE_BUILD_TESTS=OFF" "-DBATCHPACE_BUILD_EXAMPLES=OFF"
        "-DBATCHPACE_BUILD_BENCHMARKS=OFF"
    )
    run("${CMAKE_COMMAND}" --install "${WORK}/batchpace" --prefix "${WORK}/prefix")
elseif(WAY MATCHES "^find_package")
    run("${CMAKE_COMMAND}" --install "${BATCHPACE_BINARY}" --prefix "${WORK}/prefix")
else()
    set(arguments "-DBATCHPACE_SOURCE=${BATCHPACE_SOURCE}" "-DFETCHCONTENT_SOURCE_DIR_BATCHPACE=${BATCHPACE_SOURCE}")
endif()
run(
    "${CMAKE_COMMAND}" -S "${CMAKE_CURRENT_LIST_DIR}/${WAY}" -B "${WORK}/build" -G "${GENERATOR}" ${arguments}
    "-DCMAKE_CXX_COMPILER=${COMPILER}" "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DAsio_INCLUDE_DIR=${ASIO}"
)
run("${CMAKE_COMMAND}" --build "${WORK}/build")
run("${WORK}/build/consumer")

# A consumer gets the library and nothing else of ours.
if(NOT WAY MATCHES "^find_package")
    file(STRINGS "${WORK}/build/CMakeCache.txt" ours REGEX "^BATCHPACE_BUILD_[A-Z]+:BOOL=ON")
    if(ours)
        message(FATAL_ERROR "switched on in somebody else's project: ${ours}")
    endif()
endif()
