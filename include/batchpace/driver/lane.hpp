// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/attempt.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/driver/batch_call.hpp>
#include <batchpace/driver/callback_hold.hpp>
#include <batchpace/driver/typed_job.hpp>

#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>
#include <variant>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// One lane: carries one attempt after another. This is what it holds; how it runs is `LaneRunner`'s.
/// It keeps engine, annotator and items alive for as long as its frame lives.
template <class Core>
class Lane final : public ResultSlot<typename Core::annotation_type>, public std::enable_shared_from_this<Lane<Core>> {
public:
    using Job = typename Core::Job;
    using Traits = annotator_traits<typename Core::annotator_type>;

    Lane(std::shared_ptr<Core> c, std::shared_ptr<Job> j)
        : ResultSlot<typename Core::annotation_type>{*j},
          core{std::move(c)},
          owner{std::move(j)} {}
    ~Lane() override { core->lane_gone(*this); }

    std::shared_ptr<Core> const core;
    std::shared_ptr<Job> const owner;
    std::shared_ptr<typename Job::Chunk> chunk;  ///< of the open block
    std::stop_source stop_source;                ///< replaced only after it was used
    net::cancellation_signal cancel;             ///< emitted in the lane's own order only
    Attempt attempt;

    /// Where a coroutine lane runs, for whoever has to cancel it; nothing for a synchronous one.
    using HomeExecutor = typename Traits::awaitable_executor_type;
    std::conditional_t<std::is_void_v<HomeExecutor>, std::monostate,
                       std::optional<std::conditional_t<std::is_void_v<HomeExecutor>, int, HomeExecutor>>>
        home;

    /// Where calls take several items.
    std::conditional_t<Traits::is_batched, BatchHold<typename Core::item_type, typename Job::Chunk>, std::monostate> call;

    /// Where an answer comes by a completion.
    CallbackHold<Core, Traits::is_callback> callback{*this};
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
