// SPDX-License-Identifier: BSL-1.0
#include "pictures.hpp"

#include "annotate_images/picture_format.hpp"
#include "file_stream.hpp"

#include <batchpace/http/entity_tag.hpp>
#include <batchpace/http/problem.hpp>
#include <batchpace/json/dump.hpp>

#include <boost/asio/post.hpp>

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace annotation_server {
namespace {

namespace http = batchpace::http;
using annotate_images::FileDescriptor;
using annotate_images::PictureFormat;

constexpr std::size_t usual_limit = 200, largest_limit = 1'000;

http::Response refusal(int status, std::string name, std::string title, std::string sentence) {
    return http::Problem{status, std::move(name), std::move(title), std::move(sentence)}.response();
}

http::Response no_picture(std::string sentence) {
    return refusal(404, "unknown-picture", "There is no such picture", std::move(sentence));
}

http::Response not_found(batchpace::Failure const& failure) {
    if (failure.kind() == batchpace::FailureKind::permanent) return no_picture(failure.message());
    return refusal(503, "not-readable", "The picture cannot be read now", failure.message());
}

http::Response failed() { return refusal(500, "failed", "The request could not be served", "Try again later"); }

std::optional<std::size_t> limit_of(http::Target const& target) {
    auto const* text = target.find("limit");
    if (text == nullptr) return usual_limit;
    std::size_t limit = 0;
    auto const* const end = text->data() + text->size();
    auto const [stop, fault] = std::from_chars(text->data(), end, limit);
    if (fault != std::errc{} || stop != end || limit < 1 || limit > largest_limit) return std::nullopt;
    return limit;
}

std::string text_of(http::Target const& target, std::string_view name) {
    auto const* text = target.find(name);
    return text != nullptr ? *text : std::string{};
}

PictureFormat format_of(FileDescriptor const& file) {
    std::array<char, 32> first{};
    ssize_t count = 0;
    do count = ::pread(file.get(), first.data(), first.size(), 0);
    while (count < 0 && errno == EINTR);
    return annotate_images::detect_format({first.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))});
}

std::string_view media_type(PictureFormat format) {
    switch (format) {
        case PictureFormat::png:
            return "image/png";
        case PictureFormat::jpeg:
            return "image/jpeg";
        case PictureFormat::gif:
            return "image/gif";
        case PictureFormat::bmp:
            return "image/bmp";
        case PictureFormat::pnm:
            return "image/x-portable-anymap";
        default:
            return {};
    }
}

http::Response page_of(PictureList::Page const& page) {
    auto document = nlohmann::json::object();
    auto& pictures = document["pictures"] = nlohmann::json::array();
    for (auto const& [id, bytes] : page.pictures) pictures.push_back({{"id", id}, {"bytes", bytes}});
    if (page.has_more) document["next"] = page.pictures.back().id;
    if (page.is_partial) document["partial"] = true;
    http::Response response{200, "application/json", batchpace::dump(document)};
    response.fields.add("Cache-Control", "no-store");
    response.fields.add("X-Content-Type-Options", "nosniff");
    return response;
}

}  // namespace

Pictures::Pictures(std::string const& folder, Authorize authorize)
    : folder_{folder}, authorize_{std::move(authorize)}, list_{folder_} {}

Pictures::~Pictures() {
    threads_.stop();
    threads_.join();
}

bool Pictures::owns(std::string_view target) {
    auto const path = target.substr(0, target.find('?'));
    return path == "/pictures" || path.starts_with("/pictures/");
}

void Pictures::answer(http::Request request, http::Respond respond) {
    if (request.method != "GET" && request.method != "HEAD") {
        http::Problem problem{405, "method-not-allowed", "This path is not asked that way", "It takes GET, HEAD"};
        problem.fields.add("Allow", "GET, HEAD");
        return respond(problem.response());
    }
    auto who = authorize_(request);
    if (auto* const refused = std::get_if<http::Response>(&who)) return respond(std::move(*refused));
    auto const target = http::Target::parse(request.target);
    if (!target)
        return respond(refusal(400, "malformed-request", "The request cannot be read",
                               "Its target is no path, or has an escape that is none"));
    if (target->segments.size() == 1) return later(listing_, std::move(respond), list(*target));

    // An id's own slashes may be escaped or not.
    auto id = target->segments[1];
    for (std::size_t i = 2; i < target->segments.size(); ++i) id += '/' + target->segments[i];
    later(threads_.get_executor(), std::move(respond),
          [this, id = std::move(id), request = std::move(request)] { return picture(id, request); });
}

template <class Executor>
void Pictures::later(Executor const& executor, http::Respond respond, Make make) {
    boost::asio::post(executor, [respond = std::move(respond), make = std::move(make)] {
        http::Response response;
        try {
            response = make();
        } catch (std::exception const&) {
            response = failed();
        }
        respond(std::move(response));
    });
}

Pictures::Make Pictures::list(http::Target const& target) {
    auto const limit = limit_of(target);
    if (!limit)
        return [] {
            return refusal(400, "invalid-query", "A parameter of the request is wrong",
                           "limit must be a whole number from 1 to " + std::to_string(largest_limit));
        };
    return [this, contains = text_of(target, "contains"), after = text_of(target, "after"), limit = *limit] {
        return page_of(list_.page(contains, after, limit));
    };
}

http::Response Pictures::picture(std::string const& id, http::Request const& request) {
    auto const entry = folder_.find(id);
    if (!entry) return not_found(entry.failure());
    auto const facts = entry.value().facts_of_file();
    if (!facts) return no_picture("not a regular file");
    auto file = entry.value().open();
    if (!file) return not_found(file.failure());
    auto const type = media_type(format_of(file.value()));
    if (type.empty()) return no_picture("not a picture of a type that is known: PNG, JPEG, GIF, BMP or PNM");

    http::Response response;
    auto const tag = http::EntityTag::of(*facts);
    response.fields.add("ETag", tag.text());
    response.fields.add("Cache-Control", "private, no-cache");  // it may be another one tomorrow
    response.fields.add("X-Content-Type-Options", "nosniff");
    // Where it is opened by itself, it is a picture and nothing else; where it is part of a page, of ours.
    response.fields.add("Content-Security-Policy", "sandbox; default-src 'none'");
    response.fields.add("Cross-Origin-Resource-Policy", "same-origin");
    if (tag.is_known_to(request)) {
        response.status = 304;
        return response;
    }
    auto const length = static_cast<std::uint64_t>(facts->st_size);
    response.fields.add("Content-Type", std::string{type});
    response.fields.add("Content-Length", std::to_string(length));
    response.stream = std::make_shared<FileStream>(std::move(file).value(), length, threads_.get_executor());
    return response;
}

}  // namespace annotation_server
