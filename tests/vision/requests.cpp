// SPDX-License-Identifier: BSL-1.0
//
// What is sent to a vision service.
#include "../catch.hpp"
#include "annotation_server/base64.hpp"
#include "annotation_server/vision_request.hpp"
#include "annotation_server/vision_url.hpp"

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace annotation_server;
using Json = nlohmann::json;

namespace {

std::string base64(std::string_view bytes) {
    std::string text;
    append_base64(text, bytes);
    return text;
}

std::string refusal(std::string const& url) {
    try {
        vision_url(url);
    } catch (std::runtime_error const& refused) {
        return refused.what();
    }
    return {};
}

}  // namespace

TEST_CASE("Base64 is that of RFC 4648", "[vision]") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foob") == "Zm9vYg==");
    CHECK(base64("fooba") == "Zm9vYmE=");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64(std::string{"\0\xff\x80", 3}) == "AP+A");
    CHECK(base64("\xfb\xff\xbf") == "+/+/");
    for (std::size_t size = 0; size < 100; ++size) CHECK(base64(std::string(size, 'x')).size() == base64_size(size));
}

TEST_CASE("a request has each image with what it is asked for", "[vision]") {
    VisionRequest request{{"LABEL_DETECTION", "TEXT_DETECTION"}, 10'000};
    request.add_content("foob");
    request.add_reference("https://example.com/a \"b\"\\.png");
    request.add_reference("gs://bucket/c.png");
    CHECK(request.images() == 3);
    auto const features = Json::parse(R"([{"type": "LABEL_DETECTION"}, {"type": "TEXT_DETECTION"}])");
    Json const expected{
        {"requests",
         {{{"image", {{"content", "Zm9vYg=="}}}, {"features", features}},
          {{"image", {{"source", {{"imageUri", "https://example.com/a \"b\"\\.png"}}}}}, {"features", features}},
          {{"image", {{"source", {{"imageUri", "gs://bucket/c.png"}}}}}, {"features", features}}}}};
    CHECK(Json::parse(std::move(request).body()) == expected);
}

TEST_CASE("a body is never longer than the service takes, and as long as it may be", "[vision]") {
    // Each is added while there is room; one more would be too much.
    for (std::size_t longest = 150; longest < 1'000; ++longest) {
        VisionRequest request{{"LABEL_DETECTION"}, longest};
        std::string const image(25, 'x');
        while (request.has_room_for_content(image.size())) request.add_content(image);
        auto const images = request.images();
        REQUIRE(images >= 1);
        auto const uri = std::string{"https://example.com/\x01"};
        while (request.has_room_for_reference(uri)) request.add_reference(uri);
        auto const body = std::move(request).body();
        REQUIRE(body.size() <= longest);
        VisionRequest more{{"LABEL_DETECTION"}, 10'000};
        for (std::size_t i = 0; i <= images; ++i) more.add_content(image);
        REQUIRE(std::move(more).body().size() > longest);
    }
}

TEST_CASE("there is no room for an image of any size", "[vision]") {
    VisionRequest const request{{"LABEL_DETECTION"}, 10'000'000};
    CHECK(request.has_room_for_content(7'400'000));
    CHECK_FALSE(request.has_room_for_content(7'500'000));
    CHECK_FALSE(request.has_room_for_content(std::size_t{0} - 1));
}

TEST_CASE("text that is not UTF-8 does not break a request", "[vision]") {
    VisionRequest request{{"LABEL_DETECTION"}, 10'000};
    request.add_reference("https://example.com/\xff");
    CHECK(Json::accept(std::move(request).body()));
}

TEST_CASE("the address of a service is one that a key may travel to", "[vision]") {
    CHECK(vision_url("https://vision.googleapis.com") == "https://vision.googleapis.com/v1/images:annotate");
    CHECK(vision_url("https://eu.example.com:8443/vision/") == "https://eu.example.com:8443/vision/v1/images:annotate");
    CHECK(vision_url("HTTPS://example.com") == "HTTPS://example.com/v1/images:annotate");
    CHECK(vision_url("http://127.0.0.1:8000") == "http://127.0.0.1:8000/v1/images:annotate");
    CHECK(vision_url("http://[::1]:8000") == "http://[::1]:8000/v1/images:annotate");
    CHECK(vision_url("http://localhost") == "http://localhost/v1/images:annotate");
    for (auto const* bad : {"", "vision.googleapis.com", "ftp://example.com", "https://", "file:///etc/passwd",
                            "https://example.com/?key=abc", "https://example.com/#x", "https://exa mple.com"})
        CHECK(refusal(bad).find("--vision-url takes an address like") == 0);
    CHECK(refusal("https://me:secret@example.com").find("user or password") != std::string::npos);
    CHECK(refusal("https://me:secret@example.com").find("secret") == std::string::npos);
    CHECK(refusal("http://example.com").find("unencrypted") != std::string::npos);
    CHECK(refusal("http://127.0.0.1.example.com").find("unencrypted") != std::string::npos);
}
