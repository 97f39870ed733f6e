// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/asio.hpp>
#include <batchpace/concepts/annotator.hpp>
#include <batchpace/driver/any_completion.hpp>
#include <batchpace/engine/check_options.hpp>
#include <batchpace/engine/duplicate_check.hpp>
#include <batchpace/engine/engine.hpp>
#include <batchpace/engine/kept_options.hpp>
#include <batchpace/error.hpp>
#include <batchpace/from_source.hpp>
#include <batchpace/item_id.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/job_options.hpp>
#include <batchpace/retry_failed.hpp>
#include <batchpace/tier.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace batchpace::inline BATCHPACE_FLAVOUR::driver {

/// What a batch can be copied from: anything that a range-for takes and items can be made of. (Not
/// `std::ranges::input_range`: that header alone costs every including file a quarter of a second.)
template <class Range, class Item>
concept range_of = !std::convertible_to<Range&&, std::vector<Item>> && requires(Range& range) {
    std::end(range);
    Item(*std::begin(range));
};

/// What came of a start: the job's id, or why there is none.
struct Started {
    Started(JobId started) : id{started} {}                                                 // NOLINT(*-explicit-*)
    Started(error refused, std::string detail = {}) : code{refused}, what{std::move(detail)} {}  // NOLINT(*-explicit-*)

    std::error_code code;
    std::string what;
    JobId id;
};

/// The ways a job comes to be: checked first, outside the mutex where that takes long, then handed to the engine.
template <class Core>
class BatchStart {
public:
    using Item = typename Core::item_type;
    using Job = typename Core::Job;
    using Held = std::shared_ptr<Core>;

    static Started vector(Held const& core, std::vector<Item> items, JobOptions const& options) {
        if (auto refused = check(core, options, items.size())) return *std::move(refused);
        if (options.duplicates == Duplicates::refuse) {
            engine::DuplicateCheck<Item> duplicates{items};
            if (auto const found = duplicates.look(items.size())) return duplicate(items, *found);
        }
        return commit(core, std::move(items), options);
    }

    template <class F>
    static Started source(Held const& core, ItemSource<F> source, JobOptions const& options) {
        if (auto refused = check(core, options, source.total.value_or(1))) return *std::move(refused);
        auto const total = source.total;
        return commit(core, options, [&](std::shared_ptr<Job> const& job) {
            job->open_source(total);
            job->pull.emplace(puller(core, job, std::move(source.pull)));
        });
    }

    static Started retry(Held const& core, JobId id, RetryFailed which) {
        static_assert(std::copy_constructible<Item>, "batchpace: items must be copyable to be tried again");
        if (!core) return error::no_processor;
        std::shared_ptr<Job> job;
        ItemsAgain again{which};
        // In slices, so that nobody else waits long for the mutex. What has finished does not change any more, but it
        // may be forgotten between two of them.
        for (bool more = true; more;) {
            auto const refused = core->read([&](engine::Engine&, time_point) -> std::optional<error> {
                auto found = core->find(id);
                if (found == nullptr || (job && job != found)) return error::unknown_job;
                if (!found->finished_at) return error::job_active;
                if (!job) again.items.reserve(again.most(*found));
                job = std::move(found);
                more = again.copy(*job, Job::slice);
                return std::nullopt;
            });
            if (refused) return *refused;
        }
        if (again.items.empty()) return error::nothing_to_retry;
        auto options = job->options.get();
        options.idempotency_key = {};
        return commit(core, std::move(again.items), options, id);
    }

    /// The duplicate check in slices of 1 ms, each in a handler of its own; `done(Started)` is called once.
    template <class Done>
    static void in_slices(Held const& core, std::vector<Item> items, engine::KeptOptions options, Done done) {
        if (auto refused = check(core, options.get(), items.size())) return done(*std::move(refused));
        auto slices = std::make_shared<Slices<Done>>(core, std::move(items), std::move(options), std::move(done));
        net::post(core->executor(), [slices = std::move(slices)]() mutable { Slices<Done>::next(std::move(slices)); });
    }

private:
    /// The items of a finished job that are to be tried again, copied a slice at a time.
    struct ItemsAgain {
        explicit ItemsAgain(RetryFailed wanted) : which{wanted} {}

        static std::size_t most(Job const& job) {
            auto count = job.ledger.failed();
            if (job.cancelled)
                for (auto const& range : *job.cancelled) count += range.size();
            return static_cast<std::size_t>(count);
        }

        /// Copies up to `most`; false when that were all.
        bool copy(Job const& job, std::size_t most) {
            auto const add = [&](std::uint64_t index) {
                if (auto const* item = job.items.lookup(index)) items.push_back(*item);
                next_failed = index + 1;
                return --most > 0;
            };
            job.ledger.failed_items().each(next_failed, add);
            if (!which.include_cancelled || !job.cancelled) return most == 0;
            for (auto const& ranges = *job.cancelled; most > 0 && next_range < ranges.size();) {
                auto const index = ranges[next_range].begin + next_in_range++;
                if (next_in_range == ranges[next_range].size()) ++next_range, next_in_range = 0;
                if (auto const* item = job.items.lookup(index)) items.push_back(*item);
                --most;
            }
            return most == 0;
        }

        RetryFailed which;
        std::vector<Item> items;
        std::uint64_t next_failed = 0;
        std::size_t next_range = 0;
        std::uint64_t next_in_range = 0;
    };

    template <class Done>
    struct Slices {
        Slices(Held c, std::vector<Item> i, engine::KeptOptions o, Done d)
            : core{std::move(c)}, items{std::move(i)}, options{std::move(o)}, done{std::move(d)}, check{items} {}

        static void next(std::shared_ptr<Slices> self) {
            auto const& executor = self->core->executor();
            if (self->options.get().duplicates == Duplicates::refuse) {
                auto const until = self->core->now() + std::chrono::microseconds{500};
                do {
                    if (auto const second = self->check.look(1'000)) return self->refuse(*second);
                } while (!self->check.done() && self->core->now() < until);
                if (!self->check.done()) {
                    net::post(executor, [self = std::move(self)]() mutable { next(std::move(self)); });
                    return;
                }
            }
            try {
                self->done(commit(self->core, std::move(self->items), self->options.get()));
            } catch (...) {
                self->done(error::hook_failed);
            }
        }

        // The name is the host's to make; where that throws, the refusal goes without it.
        void refuse(std::size_t second) {
            Started refused = error::duplicate_item;
            try {
                refused = duplicate(items, second);
            } catch (...) {
            }
            done(std::move(refused));
        }

        Held core;
        std::vector<Item> items;
        engine::KeptOptions options;
        Done done;
        engine::DuplicateCheck<Item> check;
    };

    static std::optional<Started> check(Held const& core, JobOptions const& options, std::uint64_t count) {
        if (!core) return error::no_processor;
        if (auto const fault = engine::CheckOptions::of(options); !fault.empty()) return Started{error::invalid_option, fault};
        if (count == 0) return error::no_items;
        auto const most = core->max_items_per_job();
        if (count > most)
            return Started{error::too_many_items, std::to_string(count) + " items, " + std::to_string(most) + " allowed"};
        return std::nullopt;
    }

    static Started duplicate(std::vector<Item> const& items, std::size_t at) {
        return {error::duplicate_item, item_id_of(items[at], at)};
    }

    static Started commit(Held const& core, std::vector<Item> items, JobOptions const& options,
                          std::optional<JobId> retry_of = {}) {
        return commit(core, options, [&](std::shared_ptr<Job> const& job) {
            auto const count = items.size();
            job->items.append(std::move(items));
            job->append(count);
            if (retry_of) job->retry_of.emplace(*retry_of);
        });
    }

    template <class Fill>
    static Started commit(Held const& core, JobOptions const& options, Fill&& fill) {
        std::optional<Tier> tier;
        if (auto const& tier_of = core->hooks().tier_of()) tier = tier_of(options.tenant);
        return core->enter([&](engine::Engine& engine, time_point at) -> Started {
            if (engine.shutting_down()) return error::shut_down;
            if (!options.idempotency_key.empty())
                if (auto const known = engine.registry.find_key(options.tenant, options.idempotency_key)) return known->id;
            if (engine.registry.active() >= static_cast<std::size_t>(engine.options().max_active_jobs))
                return {error::too_many_jobs,
                        std::to_string(engine.options().max_active_jobs) + " are active; try again when one has finished"};
            auto const job = core->make_job(engine, options, tier, at);
            fill(job);
            engine.accept(*job, at);
            return job->id;
        });
    }

    // Asks the source on the executor, outside the mutex; what it gives goes to the engine as one chunk.
    template <class F>
    static std::function<void(std::size_t)> puller(Held const& asker, std::shared_ptr<Job> const& asked, F pull) {
        return [weak_core = std::weak_ptr{asker}, weak_job = std::weak_ptr{asked},
                pull = std::make_shared<F>(std::move(pull))](std::size_t most) {
            auto const core = weak_core.lock();
            auto const job = weak_job.lock();
            if (!core || !job) return;
            if (core->read([&](engine::Engine&, time_point) { return job->stopping(); })) return;  // nobody wants more
            using Answer [[maybe_unused]] = Awaited<decltype((*pull)(most))>;
            try {
#if defined(BATCHPACE_HAS_CO_AWAIT)
                if constexpr (Answer::is_awaitable) {
                    auto const executor = core->template lane_executor<typename Answer::executor_type>();
                    net::co_spawn(executor, (*pull)(most),
                                  [core, job, pull](std::exception_ptr failed, std::vector<Item> items) {
                                      if (failed)
                                          gave(*core, *job, {}, text_of(failed));
                                      else
                                          gave(*core, *job, std::move(items), {});
                                  });
                } else
#endif
                {
                    gave(*core, *job, (*pull)(most), {});
                }
            } catch (...) {
                gave(*core, *job, {}, text_of(std::current_exception()));
            }
        };
    }

    static void gave(Core& core, Job& job, std::vector<Item> items, std::string failed) {
        auto const ended = items.empty();
        if (failed.empty() && job.options.duplicates == Duplicates::refuse) {
            engine::DuplicateCheck<Item> duplicates{items};
            if (auto const found = duplicates.look(items.size()))
                failed = "the item source gave an item twice: " + item_id_of(items[*found], *found);
        }
        core.enter([&](engine::Engine& engine, time_point at) {
            auto const count = items.size();
            if (failed.empty() && job.known() + count > core.max_items_per_job())
                failed = "the item source gave more than max_items_per_job items";
            if (failed.empty() && !ended && !job.stopping()) job.items.append(std::move(items));
            engine.source_gave(job, failed.empty() ? count : 0, ended, std::move(failed), at);
        });
    }

    static std::string text_of(std::exception_ptr const& failed) {
        try {
            std::rethrow_exception(failed);
        } catch (std::exception const& e) {
            return std::string{"the item source threw: "} + e.what();
        } catch (...) {
            return "the item source threw something that is not a std::exception";
        }
    }
};

}  // namespace batchpace::inline BATCHPACE_FLAVOUR::driver
