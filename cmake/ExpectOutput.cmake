# SPDX-License-Identifier: BSL-1.0
#
# cmake -DPROGRAM=<path> -DEXPECTED=<text> -P ExpectOutput.cmake: the program must succeed and print the text.

execute_process(COMMAND "${PROGRAM}" OUTPUT_VARIABLE output ERROR_VARIABLE errors RESULT_VARIABLE result)
message(STATUS "${output}${errors}")
string(FIND "${output}" "${EXPECTED}" found)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "it ended with ${result}")
elseif(found EQUAL -1)
    message(FATAL_ERROR "it did not print: ${EXPECTED}")
endif()
