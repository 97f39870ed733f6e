// SPDX-License-Identifier: BSL-1.0
// What went wrong, and how often? Errors are counted by their text; the first ones are kept with their items.
//
// Expected output: 20 x not a picture

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <iostream>

int main() {
    asio::io_context loop;
    auto const annotate = [](int item) -> batchpace::Outcome<int> {
        if (item % 5 == 0) return batchpace::Failure::permanent("not a picture");        // never tried again
        if (item % 33 == 0) return batchpace::Failure::transient("connection refused");  // tried again, here twice
        return item;
    };
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{}, annotate, {},
                                        batchpace::Hooks{}.retry(batchpace::RetryPolicy{batchpace::NoBackoff{}})};
    std::vector<int> items;
    for (int i = 1; i <= 100; ++i) items.push_back(i);
    auto const job = processor.start_batch(std::move(items), {.max_attempts = 3, .keep_errors = 2});
    loop.run();

    auto const p = *processor.progress(job);
    std::cout << p.failed << " of " << p.total << " failed:\n";
    for (auto const& [text, count] : p.error_distribution) std::cout << count << " x " << text << '\n';
    for (auto const& e : p.errors)
        std::cout << "item " << e.item_id << ", attempt " << e.attempt_number << ": " << e.error << '\n';
}
