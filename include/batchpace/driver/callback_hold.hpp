// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/driver/completion_target.hpp>

#include <cstdint>
#include <memory>
#include <thread>
#include <utility>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

template <class Core>
class Lane;
template <class Core>
class CallbackLane;

/// What a lane has beside where its annotator answers by a completion: the answer, and how far it is in its block.
template <class Core, bool is_callback>
class CallbackHold final : public CompletionTarget<typename Core::annotation_type> {
public:
    explicit CallbackHold(Lane<Core>& lane) noexcept : lane_{lane} {}
    CallbackHold(CallbackHold const&) = delete;
    CallbackHold& operator=(CallbackHold const&) = delete;

    std::uint64_t begin = 0;  ///< of the block
    std::uint64_t next = 0;   ///< item of it to be called
    std::uint64_t end = 0;

    /// Notes the thread on which the lane runs now.
    void come_home() noexcept { thread_ = std::this_thread::get_id(); }
    bool is_home() const noexcept { return thread_ == std::this_thread::get_id(); }

private:
    void resume(std::shared_ptr<CompletionTarget<typename Core::annotation_type>> self) override {
        CallbackLane<Core>::resume(std::shared_ptr<Lane<Core>>{std::move(self), &lane_});
    }
    void superfluous() override { lane_.core->superfluous_answer(); }

    Lane<Core>& lane_;
    std::thread::id thread_{};
};

/// Nothing for other annotators.
template <class Core>
class CallbackHold<Core, false> {
public:
    explicit CallbackHold(Lane<Core>&) noexcept {}
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
