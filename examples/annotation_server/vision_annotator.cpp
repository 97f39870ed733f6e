// SPDX-License-Identifier: BSL-1.0
#include "vision_annotator.hpp"

#include "run_on.hpp"
#include "vision_request.hpp"

#include <batchpace/failure.hpp>
#include <batchpace/waiting_for.hpp>

#include <chrono>

namespace annotation_server {
namespace {

using batchpace::Failure;
using batchpace::Outcome;

/// For an image that has no room beside those before it. It is no fault of anybody: it names a time (now), so that it
/// costs no attempt, and the item is the first in a call to come.
Failure next_time() {
    return Failure::transient("left for another request: together the images are too large",
                              batchpace::duration::zero())
        .closing(batchpace::WaitingFor::Scope::job);
}

Failure too_large(std::size_t bytes) {
    return Failure::permanent("the image is too large for a request: " + std::to_string(bytes) + " bytes");
}

}  // namespace

VisionAnnotator::VisionAnnotator(HttpClient client, VisionImages images,
                                 boost::asio::thread_pool::executor_type threads, Options options)
    : client_{std::move(client)},
      images_{std::move(images)},
      threads_{std::move(threads)},
      url_{std::move(options.url)},
      fields_{"Content-Type: application/json", "x-goog-api-key: " + options.key},
      features_{std::move(options.features)},
      longest_request_{options.longest_request} {}

// Named objects only in expressions with co_await: GCC 12 destroys temporaries there twice.
batchpace::net::awaitable<VisionOutcome> VisionAnnotator::operator()(batchpace::Batch<std::string> batch) const {
    batchpace::net::use_awaitable_t<> const use_awaitable;
    auto to_prepare = [this, &batch] { return prepare(batch); };
    auto prepared = co_await async_run_on(threads_, to_prepare, use_awaitable);
    if (prepared.sent.empty()) {
        VisionOutcome known{std::move(prepared.outcomes)};
        co_return known;
    }

    HttpRequest request;
    request.url = url_;
    request.fields = fields_;
    request.body = std::move(prepared.body);
    request.deadline = batch.deadline();
    auto const answer = co_await client_.async_post(std::move(request), use_awaitable);

    auto to_conclude = [&prepared, &answer] { return conclude(std::move(prepared), answer); };
    auto outcome = co_await async_run_on(threads_, to_conclude, use_awaitable);
    co_return outcome;
}

VisionAnnotator::Prepared VisionAnnotator::prepare(batchpace::Batch<std::string> const& batch) const {
    Prepared prepared;
    VisionRequest request{features_, longest_request_};
    auto const add = [&](std::string const& id) -> std::optional<Failure> {
        auto const found = images_.find(id);
        if (!found) return found.failure();
        auto const& image = found.value();
        auto const has_room =
            image.is_file() ? request.has_room_for_content(image.size()) : request.has_room_for_reference(image.uri());
        // The first has the whole request for itself.
        if (!has_room)
            return request.images() > 0 ? next_time() : too_large(image.is_file() ? image.size() : image.uri().size());
        if (!image.is_file()) {
            request.add_reference(image.uri());
            return std::nullopt;
        }
        auto const bytes = image.read();
        if (!bytes) return bytes.failure();
        request.add_content(bytes.value());
        return std::nullopt;
    };
    for (std::size_t place = 0; place < batch.size(); ++place) {
        auto failure = add(batch[place]);
        if (!failure) prepared.sent.push_back(place);
        prepared.outcomes.push_back(failure ? Outcome<VisionAnnotation>{*std::move(failure)} : VisionAnnotation{});
    }
    if (!prepared.sent.empty()) prepared.body = std::move(request).body();
    return prepared;
}

VisionOutcome VisionAnnotator::conclude(Prepared prepared, HttpAnswer const& answer) {
    auto const& sent = prepared.sent;
    auto answered = read_vision_answer(answer, sent.size());
    auto& outcomes = prepared.outcomes;
    if (answered) {
        for (std::size_t i = 0; i < sent.size(); ++i) outcomes[sent[i]] = std::move(answered.value()[i]);
    } else {
        // Of a single one nobody has to find out whose fault it was.
        if (sent.size() > 1) return answered;
        outcomes[sent[0]] = answered.failure();
    }
    return std::move(outcomes);
}

}  // namespace annotation_server
