// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <malloc.h>
#include <new>

/// Counts the program's allocations, its own and those of the templates compiled into it. To be included by one source
/// file of a program that is linked with `--wrap=malloc,--wrap=free,--wrap=aligned_alloc`: Asio takes the memory of
/// handlers and coroutine frames from std::aligned_alloc, which a counting operator new alone would not see.
namespace bench {

class Allocations {
public:
    /// Counts between the construction and the destruction of one of these; one at a time.
    class Counting {
    public:
        Counting() {
            calls_ = 0;
            live_ = peak_ = 0;
            counting_ = true;
        }
        ~Counting() { counting_ = false; }
        Counting(Counting const&) = delete;
        Counting& operator=(Counting const&) = delete;
    };

    static std::uint64_t calls() noexcept { return calls_.load(std::memory_order_relaxed); }
    /// Bytes that live now, less those that lived at the start.
    static std::int64_t live() noexcept { return live_.load(std::memory_order_relaxed); }
    static std::int64_t peak() noexcept { return peak_.load(std::memory_order_relaxed); }
    /// Forgets the peak so far.
    static void restart_peak() noexcept { peak_ = live(); }

    static void taken(void* memory) noexcept {
        if (!counting_.load(std::memory_order_relaxed) || memory == nullptr) return;
        calls_.fetch_add(1, std::memory_order_relaxed);
        auto const bytes = static_cast<std::int64_t>(::malloc_usable_size(memory));
        auto const now = live_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
        auto peak = peak_.load(std::memory_order_relaxed);
        while (now > peak && !peak_.compare_exchange_weak(peak, now, std::memory_order_relaxed)) {
        }
    }
    static void given_back(void* memory) noexcept {
        if (!counting_.load(std::memory_order_relaxed) || memory == nullptr) return;
        live_.fetch_sub(static_cast<std::int64_t>(::malloc_usable_size(memory)), std::memory_order_relaxed);
    }

private:
    static inline std::atomic<bool> counting_{false};
    static inline std::atomic<std::uint64_t> calls_{0};
    static inline std::atomic<std::int64_t> live_{0};
    static inline std::atomic<std::int64_t> peak_{0};
};

}  // namespace bench

extern "C" {
void* __real_malloc(std::size_t size);                                // NOLINT(*-reserved-identifier)
void* __real_aligned_alloc(std::size_t alignment, std::size_t size);  // NOLINT(*-reserved-identifier)
void __real_free(void* memory);                                       // NOLINT(*-reserved-identifier)

void* __wrap_malloc(std::size_t size) {  // NOLINT(*-reserved-identifier)
    auto* const memory = __real_malloc(size);
    bench::Allocations::taken(memory);
    return memory;
}
void* __wrap_aligned_alloc(std::size_t alignment, std::size_t size) {  // NOLINT(*-reserved-identifier)
    auto* const memory = __real_aligned_alloc(alignment, size);
    bench::Allocations::taken(memory);
    return memory;
}
void __wrap_free(void* memory) {  // NOLINT(*-reserved-identifier)
    bench::Allocations::given_back(memory);
    __real_free(memory);
}
}

void* operator new(std::size_t size) {
    if (auto* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    auto const a = static_cast<std::size_t>(alignment);
    if (auto* const memory = std::aligned_alloc(a, (size + a - 1) / a * a)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
