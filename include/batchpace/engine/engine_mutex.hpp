// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <mutex>

namespace batchpace::engine {

/// The one mutex of a processor. Its critical sections are some ten nanoseconds long, so a thread that finds
/// it taken looks again for a moment before it sleeps: a sleep and its wake-up cost a hundred times more.
class EngineMutex {
public:
    void lock() {
        for (int look = 0; look < spins; ++look) {
            if (mutex_.try_lock()) return;
            for (int i = 0; i < (1 << (look < 6 ? look : 6)); ++i) pause();
        }
        mutex_.lock();
    }
    bool try_lock() { return mutex_.try_lock(); }
    void unlock() { mutex_.unlock(); }

private:
    static constexpr int spins = 40;

    static void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();  // <immintrin.h> would cost every including file a third of a second
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }

    std::mutex mutex_;
};

}  // namespace batchpace::engine
