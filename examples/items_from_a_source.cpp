// SPDX-License-Identifier: BSL-1.0
// More items than memory: they are pulled in chunks while the job runs, and given back when they have ended.
//
// Expected output: 100000 items, never more than 3000 of them in memory

#include <batchpace/batchpace.hpp>

#include <asio/io_context.hpp>
#include <algorithm>
#include <iostream>

// A row that counts how many of its kind there are.
struct Row {
    explicit Row(int n) : number{n} { most = std::max(most, ++alive); }
    Row(Row const& other) : number{other.number} { most = std::max(most, ++alive); }
    Row& operator=(Row const&) = default;
    ~Row() { --alive; }
    int number;
    static inline int alive = 0;
    static inline int most = 0;
};

int main() {
    asio::io_context loop;
    std::uint64_t sum = 0;
    batchpace::BatchProcessor processor{loop, batchpace::Unlimited{},
                                        [&](Row const& row) { sum += static_cast<std::uint64_t>(row.number); }};

    // As a cursor of a database would: up to `most` rows, none at the end.
    auto fetch = [next = 0](std::size_t most) mutable {
        std::vector<Row> rows;
        rows.reserve(most);
        for (; rows.size() < most && next < 100'000; ++next) rows.emplace_back(next);
        return rows;
    };
    auto const job = processor.start_batch(batchpace::from_source(fetch, 100'000));
    loop.run();
    std::cout << processor.progress(job)->successful << " items, "
              << (Row::most <= 3'000 ? "never more than 3000 of them in memory\n" : "too many of them in memory\n");
}
