// SPDX-License-Identifier: BSL-1.0
#include "vision_answer.hpp"

#include <batchpace/failure.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace annotation_server {
namespace {

using batchpace::Failure;
using batchpace::Outcome;
using Json = nlohmann::json;
using End = HttpAnswer::End;

constexpr std::size_t longest_text = 300;  // of a failure: it is shown, counted and kept for each item

/// Cut between two characters.
std::string shortened(std::string text) {
    if (text.size() <= longest_text) return text;
    auto end = longest_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text + "…";
}

/// A member of what may be anything; null where there is none of that name.
Json const& member(Json const& json, char const* name) {
    static Json const none;
    if (!json.is_object()) return none;
    auto const found = json.find(name);
    return found == json.end() ? none : *found;
}

std::string text_of(Json const& json) { return json.is_string() ? json.get<std::string>() : std::string{}; }

// ---- one image
// -------------------------------------------------------------------------------------------------------

std::vector<VisionAnnotation::Finding> findings(Json const& list, char const* name) {
    std::vector<VisionAnnotation::Finding> found;
    if (!list.is_array()) return found;
    for (auto const& entry : list) {
        auto description = text_of(member(entry, name));
        auto const& score = member(entry, "score");
        if (!description.empty())
            found.push_back({std::move(description), score.is_number() ? score.get<double>() : 0});
    }
    return found;
}

/// Of a page, or of a picture with words in it: there the first finding is the whole text.
std::optional<std::string> text_in(Json const& response) {
    if (auto const& text = member(member(response, "fullTextAnnotation"), "text"); text.is_string())
        return text.get<std::string>();
    auto const& words = member(response, "textAnnotations");
    if (!words.is_array() || words.empty()) return std::nullopt;
    if (auto const& text = member(words.front(), "description"); text.is_string()) return text.get<std::string>();
    return std::nullopt;
}

VisionAnnotation annotation_of(Json const& response) {
    VisionAnnotation annotation;
    annotation.labels = findings(member(response, "labelAnnotations"), "description");
    annotation.objects = findings(member(response, "localizedObjectAnnotations"), "name");
    annotation.landmarks = findings(member(response, "landmarkAnnotations"), "description");
    annotation.logos = findings(member(response, "logoAnnotations"), "description");
    annotation.text = text_in(response);
    if (auto const& safe = member(response, "safeSearchAnnotation"); safe.is_object())
        for (auto const& [name, likelihood] : safe.items())
            if (likelihood.is_string()) annotation.safe_search.emplace(name, likelihood.get<std::string>());
    return annotation;
}

/// The codes of google.rpc.Code.
enum class Code : std::int64_t {
    ok,
    cancelled,
    unknown,
    invalid_argument,
    deadline_exceeded,
    not_found,
    already_exists,
    permission_denied,
    resource_exhausted,
    failed_precondition,
    aborted,
    out_of_range,
    unimplemented,
    internal,
    unavailable,
    data_loss,
    unauthenticated
};

Failure failure_of(Code code, std::string text) {
    switch (code) {
        case Code::invalid_argument:
        case Code::not_found:
        case Code::already_exists:
        case Code::permission_denied:
        case Code::failed_precondition:
        case Code::out_of_range:
        case Code::unimplemented:
        case Code::data_loss:
        case Code::unauthenticated:
            return Failure::permanent(std::move(text));
        case Code::resource_exhausted:
            return Failure::throttled(std::move(text));
        case Code::ok:
        case Code::cancelled:
        case Code::unknown:
        case Code::deadline_exceeded:
        case Code::aborted:
        case Code::internal:
        case Code::unavailable:
            break;
    }
    return Failure::transient(std::move(text));  // one that nobody has heard of, too
}

Outcome<VisionAnnotation> outcome_of(Json const& response) {
    if (!response.is_object()) return Failure::transient("the service's answer for the image is no JSON object");
    auto const& error = member(response, "error");
    if (error.is_null()) return annotation_of(response);
    auto const& number = member(error, "code");
    auto const code = number.is_number_integer() ? Code{number.get<std::int64_t>()} : Code::unknown;
    if (code == Code::ok) return annotation_of(response);
    auto text = text_of(member(error, "message"));
    if (text.empty()) text = "the service's error " + std::to_string(static_cast<std::int64_t>(code));
    return failure_of(code, shortened(std::move(text)));
}

// ---- the whole call
// --------------------------------------------------------------------------------------------------

VisionOutcome for_each_image(std::size_t images, Failure const& failure) {
    return std::vector<Outcome<VisionAnnotation>>(images, failure);
}

VisionOutcome read_body(std::string const& body, std::size_t images) {
    auto const json = Json::parse(body, nullptr, false);
    if (json.is_discarded()) return Failure::transient("the service's answer is no JSON");
    auto const& responses = member(json, "responses");
    if (!responses.is_array()) return Failure::transient("the service's answer has no responses");
    if (responses.size() != images)
        return Failure::transient("the service answered " + std::to_string(responses.size()) + " of " +
                                  std::to_string(images) + " images");
    std::vector<Outcome<VisionAnnotation>> outcomes;
    outcomes.reserve(images);
    for (auto const& response : responses) outcomes.push_back(outcome_of(response));
    return outcomes;
}

/// What the service says went wrong: "429 RESOURCE_EXHAUSTED: Quota exceeded".
std::string text_of(HttpAnswer const& answer) {
    auto text = std::to_string(answer.status);
    auto const json = Json::parse(answer.body, nullptr, false);
    auto const& error = member(json, "error");
    if (auto const status = text_of(member(error, "status")); !status.empty()) text += ' ' + status;
    if (auto const message = text_of(member(error, "message")); !message.empty()) text += ": " + message;
    return shortened(std::move(text));
}

VisionOutcome read_status(HttpAnswer const& answer, std::size_t images) {
    auto const said = "the service answered " + text_of(answer);
    switch (answer.status) {
        case 429:
        case 503:
            return Failure::throttled(said, answer.retry_after);
        case 408:
            return Failure::transient(said, answer.retry_after);
        // Of one of the images, or of all together: halving tells.
        case 400:
        case 413:
        case 422:
            return Failure::permanent(said);
        // Of none of the images, so there is nothing to be found by halving.
        case 401:
        case 403:
            return for_each_image(images, Failure::permanent("the service refuses the key: " + said));
        default:
            break;
    }
    if (answer.status >= 500) return Failure::transient(said, answer.retry_after);
    if (answer.status >= 300 && answer.status < 400)
        return for_each_image(images, Failure::permanent("the service is somewhere else: " + said));
    return for_each_image(images, Failure::permanent(said));
}

}  // namespace

VisionOutcome read_vision_answer(HttpAnswer const& answer, std::size_t images) {
    switch (answer.end) {
        case End::answered:
            break;
        case End::timed_out:
            return Failure::timed_out(shortened("no answer in time: " + answer.fault));
        case End::too_long:
            return Failure::permanent(shortened(answer.fault));  // one for fewer images may be shorter
        case End::cancelled:
        case End::failed:
            return Failure::transient(shortened("no answer: " + answer.fault));
    }
    if (answer.status == 200) return read_body(answer.body, images);
    return read_status(answer, images);
}

}  // namespace annotation_server
