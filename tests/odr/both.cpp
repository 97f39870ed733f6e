// SPDX-License-Identifier: BSL-1.0
//
// One program, both flavours: each runs a job on a loop of its own Asio and one under simulation.
#include "both.hpp"

#include <iostream>

namespace {

bool right(char const* what, batchpace::JobProgress const& p) {
    if (p.status == batchpace::JobStatus::completed && p.total == 5 && p.successful == 4 && p.failed == 1 &&
        p.errors.size() == 1 && p.errors[0].attempt_number == 4)
        return true;
    std::cout << what << ": " << p.successful << " successful, " << p.failed << " failed of " << p.total << " items\n";
    return false;
}

}  // namespace

int main() {
    batchpace::JobOptions options;
    options.concurrency = 2;
    options.max_attempts = 4;
    auto const standalone = run_on_standalone_asio(options);
    auto const boost = run_on_boost_asio(options);
    bool ok = right("standalone Asio", standalone.on_loop);
    ok = right("standalone Asio, simulated", standalone.simulated) && ok;
    ok = right("Boost.Asio", boost.on_loop) && ok;
    ok = right("Boost.Asio, simulated", boost.simulated) && ok;
    // One category of errors, so that the codes of both compare equal.
    ok = standalone.category == boost.category && ok;
    return ok ? 0 : 1;
}
