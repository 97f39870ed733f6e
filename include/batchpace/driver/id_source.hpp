// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/policy/random.hpp>
#include <batchpace/time.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#if defined(__linux__)
#include <sys/random.h>

#include <cerrno>
#include <system_error>
#else
#include <random>
#endif

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// Makes job ids that nobody can guess: the operating system's random bits, drawn for 16 ids at once.
class IdSource {
public:
    explicit IdSource(std::optional<std::uint64_t> seed) {
        if (seed) seeded_.emplace(*seed);
    }

    JobId next(wall_time now) {
        auto const ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
        auto const a = word();
        auto const b = word();
        return JobId::make(static_cast<std::uint64_t>(ms), a, b);
    }

    /// A seed for what need not be secret.
    std::uint64_t word() {
        if (seeded_) return (*seeded_)();
        if (left_ == 0) fill();
        return words_[--left_];
    }

private:
    void fill() {
#if defined(__linux__)
        // Up to 256 bytes come whole and without an interruption (getrandom(2)).
        if (getrandom(words_.data(), sizeof words_, 0) != static_cast<ssize_t>(sizeof words_))
            throw std::system_error{errno, std::generic_category(), "getrandom"};
#else
        std::random_device device;
        for (auto& w : words_) w = (std::uint64_t{device()} << 32) | device();
#endif
        left_ = words_.size();
    }

    std::optional<Random> seeded_;
    std::array<std::uint64_t, 32> words_{};
    std::size_t left_ = 0;
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
