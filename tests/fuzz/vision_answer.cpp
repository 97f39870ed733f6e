// SPDX-License-Identifier: BSL-1.0
// Any bytes as the answer of a vision service: no crash, and whatever is made of them can be shown. The first byte says
// with which status they come, and for how many images.
#include "annotation_server/vision_answer.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace annotation_server;
using nlohmann::json;

namespace {

void promise(bool kept, char const* what) {
    if (kept) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

void check(batchpace::Failure const& failure) {
    promise(!failure.message().empty() && failure.message().size() < 400, "a failure has a short text");
    (void)json(failure.message()).dump();  // throws where it is no UTF-8
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    constexpr std::array statuses{200, 200, 200, 200, 400, 403, 429, 500};
    HttpAnswer answer;
    answer.end = HttpAnswer::End::answered;
    answer.status = statuses[data[0] % statuses.size()];
    answer.body.assign(reinterpret_cast<char const*>(data) + 1, size - 1);
    auto const images = std::size_t{1} + (data[0] >> 3) % 4;
    auto const whole = read_vision_answer(answer, images);
    if (!whole) {
        check(whole.failure());
        return 0;
    }
    promise(whole.value().size() == images, "each image has an outcome");
    for (auto const& outcome : whole.value()) {
        if (outcome)
            (void)json(outcome.value()).dump();
        else
            check(outcome.failure());
    }
    return 0;
}
