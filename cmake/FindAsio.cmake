# SPDX-License-Identifier: BSL-1.0
#
# Finds standalone Asio, which has no CMake package of its own on Debian.
# Sets Asio_FOUND, Asio_VERSION and Asio_INCLUDE_DIR; defines the target Asio::asio.

find_path(Asio_INCLUDE_DIR NAMES asio.hpp DOC "Folder that holds asio.hpp")
mark_as_advanced(Asio_INCLUDE_DIR)

set(Asio_VERSION "")
if(EXISTS "${Asio_INCLUDE_DIR}/asio/version.hpp")
    # 102201 is 1.22.1.
    file(STRINGS "${Asio_INCLUDE_DIR}/asio/version.hpp" asio_version_line REGEX "#define ASIO_VERSION [0-9]+")
    if(asio_version_line MATCHES "ASIO_VERSION ([0-9]+)")
        math(EXPR asio_major "${CMAKE_MATCH_1} / 100000")
        math(EXPR asio_minor "${CMAKE_MATCH_1} / 100 % 1000")
        math(EXPR asio_patch "${CMAKE_MATCH_1} % 100")
        set(Asio_VERSION "${asio_major}.${asio_minor}.${asio_patch}")
    endif()
    unset(asio_version_line)
endif()

find_package(Threads QUIET)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
    Asio
    REQUIRED_VARS Asio_INCLUDE_DIR Threads_FOUND
    VERSION_VAR Asio_VERSION
    REASON_FAILURE_MESSAGE "standalone Asio is Debian's package libasio-dev, elsewhere set Asio_INCLUDE_DIR"
)

if(Asio_FOUND AND NOT TARGET Asio::asio)
    add_library(Asio::asio INTERFACE IMPORTED)
    set_target_properties(
        Asio::asio
        PROPERTIES
            INTERFACE_INCLUDE_DIRECTORIES "${Asio_INCLUDE_DIR}"
            INTERFACE_COMPILE_DEFINITIONS "ASIO_STANDALONE"
            INTERFACE_LINK_LIBRARIES "Threads::Threads"
    )
    if(Asio_VERSION VERSION_LESS 1.24)
        # These versions look for Clang's experimental coroutines only, and leave the standard ones off.
        set_property(
            TARGET Asio::asio
            APPEND
            PROPERTY
                INTERFACE_COMPILE_DEFINITIONS
                    "$<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_CO_AWAIT=1>"
                    "$<$<CXX_COMPILER_ID:Clang,AppleClang>:ASIO_HAS_STD_COROUTINE=1>"
        )
    endif()
endif()
