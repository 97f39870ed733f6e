// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "support/harness.hpp"

#include <spawn.h>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace bench {

/// What including a header costs. CMake says which compiler built this program, and where the headers are.
class CompileTime {
public:
    /// Seconds of processor time that the compiler takes for a source file which only includes `header`.
    static double of(std::string const& header) {
        std::vector<std::string> words{BATCHPACE_BENCHMARK_COMPILER,
                                       "-std=c++20",
                                       "-O2",
                                       "-DASIO_STANDALONE",
                                       "-I",
                                       BATCHPACE_BENCHMARK_INCLUDE,
                                       "-I",
                                       BATCHPACE_BENCHMARK_ASIO,
                                       "-x",
                                       "c++",
                                       "-include",
                                       header,
                                       "-c",
                                       "-o",
                                       "/dev/null"};
#if defined(__clang__)
        words.insert(words.end(), {"-DASIO_HAS_CO_AWAIT=1", "-DASIO_HAS_STD_COROUTINE=1"});
#endif
        words.emplace_back("/dev/null");
        return seconds(words);
    }

private:
    static double seconds(std::vector<std::string>& words) {
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        ::setenv("CCACHE_DISABLE", "1", 1);
        ::pid_t child = 0;
        require(::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) == 0,
                "the compiler cannot be started");
        int status = 0;
        rusage usage{};  // the compiler's own and that of the programs it ran
        require(::wait4(child, &status, 0, &usage) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0,
                "the compiler failed");
        auto const in_seconds = [](timeval t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
        };
        return in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
    }
};

}  // namespace bench
