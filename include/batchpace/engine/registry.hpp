// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/job.hpp>
#include <batchpace/job_id.hpp>
#include <batchpace/time.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// The jobs of a processor: by id, by age, by idempotency key; finished ones until retention drops them.
class Registry {
public:
    std::shared_ptr<Job> find(JobId id) const {
        auto const found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second;
    }

    /// As `find`, for a look under the mutex: no reference is counted.
    Job* peek(JobId id) const {
        auto const found = by_id_.find(id);
        return found == by_id_.end() ? nullptr : found->second.get();
    }

    /// The job of a tenant that was started with this key, if it is still known.
    std::shared_ptr<Job> find_key(std::string_view tenant, std::string_view key) const {
        auto const found = by_key_.find(joined(tenant, key));
        return found == by_key_.end() ? nullptr : find(found->second);
    }

    void add(std::shared_ptr<Job> job) {
        if (auto const& o = job->options; !o.idempotency_key().empty())
            by_key_[joined(o.tenant(), o.idempotency_key())] = job->id;
        job->older_ = newest_;
        if (newest_ != nullptr) newest_->newer_ = job.get();
        newest_ = job.get();
        auto const id = job->id;
        by_id_.emplace(id, std::move(job));
        ++active_;
    }

    /// `job` has finished: from now on only retention keeps it.
    void finished(Job const& job) {
        --active_;
        finished_.push_back(job.id);
        // Those that were forgotten meanwhile are dropped now and then, so that the list stays as long as what is kept.
        if (finished_.size() > 2 * kept() + 64) std::erase_if(finished_, [&](JobId id) { return !by_id_.contains(id); });
    }

    /// Takes a finished job out; the caller destroys it where that is cheap.
    std::shared_ptr<Job> remove(JobId id) {
        auto const found = by_id_.find(id);
        if (found == by_id_.end()) return nullptr;
        auto job = std::move(found->second);
        for (auto* cursor : cursors_)
            if (cursor->at == job.get()) cursor->at = job->older_;
        (job->newer_ != nullptr ? job->newer_->older_ : newest_) = job->older_;
        if (job->older_ != nullptr) job->older_->newer_ = job->newer_;
        by_id_.erase(found);
        if (auto const& o = job->options; !o.idempotency_key().empty())
            by_key_.erase(joined(o.tenant(), o.idempotency_key()));
        weigh(*job, 0);
        return job;
    }

    /// A finished job was found to take so much memory, about.
    void weigh(Job& job, std::uint64_t bytes) noexcept {
        bytes_ += bytes - job.kept_bytes;
        job.kept_bytes = bytes;
    }

    /// Finished jobs that retention drops at `now`: the oldest beyond `most` jobs or `most_bytes`, and those past
    /// `keep_for`; none sooner than `at_least` after its finish, and no more than `at_once` of them.
    std::vector<std::shared_ptr<Job>> expire(time_point now, std::size_t most, duration keep_for, duration at_least,
                                             std::uint64_t most_bytes, std::size_t at_once = SIZE_MAX) {
        std::vector<std::shared_ptr<Job>> gone;
        for (auto it = finished_.begin(); it != finished_.end() && gone.size() < at_once;) {
            if (auto const job = find(*it)) {
                auto const age = now - job->finished;
                if (age < at_least || (kept() <= most && age < keep_for && bytes_ <= most_bytes)) break;
                if (job->abandoned_now > 0) {  // few: at most `max_abandoned`
                    ++it;
                    continue;
                }
                gone.push_back(remove(job->id));
            }
            it = finished_.erase(it);  // or it had been forgotten
        }
        return gone;
    }

    std::size_t active() const noexcept { return active_; }
    std::size_t kept() const noexcept { return by_id_.size() - active_; }

    /// Visits the jobs, newest first, until `visit` returns false.
    template <class Visit>
    void newest_first(Visit&& visit) const {
        for (auto* job = newest_; job != nullptr; job = job->older_)
            if (!visit(*job)) return;
    }

    /// Where a reading of all jobs goes on that lets go of the mutex now and then.
    struct Cursor {
        Job* at = nullptr;
    };
    /// Begins one, at the newest job: `go_on` until that returns false.
    void begin(Cursor& cursor) {
        cursor.at = newest_;
        cursors_.push_back(&cursor);
    }
    /// Visits jobs from the cursor on, newest first. `visit` returns what the visit cost; once `most` is spent it stops.
    /// False: there are no more, and the cursor is forgotten.
    template <class Visit>
    bool go_on(Cursor& cursor, std::size_t most, Visit&& visit) {
        for (std::size_t spent = 0; cursor.at != nullptr && spent < most; cursor.at = cursor.at->older_)
            spent += visit(*cursor.at);
        if (cursor.at != nullptr) return true;
        std::erase(cursors_, &cursor);
        return false;
    }

private:
    static std::string joined(std::string_view tenant, std::string_view key) {
        std::string text{tenant};
        text += '\0';
        text += key;
        return text;
    }

    std::unordered_map<JobId, std::shared_ptr<Job>> by_id_;
    Job* newest_ = nullptr;  // by age: each knows its neighbours
    std::unordered_map<std::string, JobId> by_key_;
    std::vector<Cursor*> cursors_;  // of readings that are under way
    std::deque<JobId> finished_;
    std::size_t active_ = 0;
    std::uint64_t bytes_ = 0;  // of finished jobs
};

}  // namespace batchpace::engine
