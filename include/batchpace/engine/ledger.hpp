// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/engine/boxed.hpp>
#include <batchpace/engine/item_set.hpp>
#include <batchpace/item_error.hpp>
#include <batchpace/milestone.hpp>
#include <batchpace/time.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace batchpace::engine {

/// What became of a job's items, as far as lanes have reported it. Everything kept is bounded.
class Ledger {
public:
    static constexpr std::size_t most_texts = 100;      ///< distinct error texts counted apart
    static constexpr std::size_t longest_text = 1'024;  ///< longer ones are cut

    explicit Ledger(std::size_t keep_errors) : keep_errors_{keep_errors} {}

    void succeeded(std::uint64_t count) noexcept { successful_ += count; }

    /// Cuts a text that is longer than `longest_text`.
    static void cut(std::string& text) {
        if (text.size() <= longest_text) return;
        auto end = longest_text;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;  // not inside a character
        text.resize(end);
        text += "…";
        text.shrink_to_fit();
    }

    /// An item ended failed. Its index is kept, so that it can be tried again in a new job.
    void failed(std::uint64_t index, ItemError error) {
        cut(error.error);
        auto& [items, errors, distribution] = failures_.made();
        items.insert({index, index + 1});
        auto text = distribution.find(error.error);
        if (text == distribution.end() && distribution.size() >= most_texts)
            text = distribution.try_emplace("(other errors)", 0).first;
        else if (text == distribution.end())
            text = distribution.try_emplace(error.error, 0).first;
        ++text->second;
        if (errors.size() < keep_errors_) errors.push_back(std::move(error));
    }

    /// True when `pass_milestones` has something to note.
    bool milestone_due(std::uint64_t total) const noexcept {
        return next_milestone_ <= 100 && total > 0 && processed() * 100 >= total * static_cast<unsigned>(next_milestone_);
    }
    void pass_milestones(std::uint64_t total, std::uint64_t version, wall_time at) {
        for (; milestone_due(total); next_milestone_ += 25)
            milestones_.push_back({next_milestone_, processed(), total, version, at});
    }

    std::uint64_t successful() const noexcept { return successful_; }
    std::uint64_t failed() const noexcept { return failures_ ? failures_->items.size() : 0; }
    std::uint64_t processed() const noexcept { return successful_ + failed(); }
    std::vector<ItemError> const& errors() const { return failures().errors; }
    ItemSet const& failed_items() const { return failures().items; }
    std::map<std::string, std::uint64_t> const& distribution() const { return failures().distribution; }
    std::vector<Milestone> const& milestones() const noexcept { return milestones_; }

    /// Takes the errors out, to be destroyed where that is cheap.
    std::vector<ItemError> drain_errors() noexcept {
        return failures_ ? std::exchange(failures_->errors, {}) : std::vector<ItemError>{};
    }

private:
    struct Failures {
        ItemSet items;
        std::vector<ItemError> errors;
        std::map<std::string, std::uint64_t> distribution;
    };

    Failures const& failures() const {
        static Failures const none;
        return failures_ ? *failures_ : none;
    }

    std::uint64_t successful_ = 0;
    std::size_t keep_errors_;
    Boxed<Failures> failures_;
    std::vector<Milestone> milestones_;
    int next_milestone_ = 25;
};

}  // namespace batchpace::engine
