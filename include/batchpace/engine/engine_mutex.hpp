// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

namespace batchpace::engine {

/// The one mutex of a processor. Its critical sections are some ten nanoseconds long, so a thread that finds
/// it taken looks again for a moment before it sleeps: a sleep and its wake-up cost a hundred times more.
class EngineMutex {
public:
    void lock() {
        if (mutex_.try_lock()) return;
        waiting_.fetch_add(1, std::memory_order_relaxed);
        wait();
        waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
    bool try_lock() { return mutex_.try_lock(); }
    void unlock() { mutex_.unlock(); }

    /// For one who has given it up and will take it again at once: lets those who wait go first. Without this it would
    /// have the mutex back before any of them had noticed.
    void let_others() const noexcept {
        for (int look = 0; look < 100 && waiting_.load(std::memory_order_relaxed) > 0; ++look) std::this_thread::yield();
    }

private:
    static constexpr int spins = 40;

    void wait() {
        for (int look = 0; look < spins; ++look) {
            if (mutex_.try_lock()) return;
            for (int i = 0; i < (1 << (look < 6 ? look : 6)); ++i) pause();
        }
        mutex_.lock();
    }

    static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();  // <immintrin.h> would cost every including file a third of a second
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }

    std::mutex mutex_;
    std::atomic<int> waiting_{0};
};

}  // namespace batchpace::engine
