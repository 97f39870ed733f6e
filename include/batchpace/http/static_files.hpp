// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <batchpace/http/entity_tag.hpp>
#include <batchpace/http/request.hpp>
#include <batchpace/http/response.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace batchpace::http {

/// How a folder is served.
struct StaticFilesOptions {
    /// The path that the folder is mounted at: "/" or "/ui/".
    std::string prefix = "/";
    /// What `/` and every folder is answered with.
    std::string index = "index.html";
    /// Paths without an extension that are no file get the folder's index: its page has routes of its own.
    bool single_page_app = false;
    /// The Content-Security-Policy of HTML; empty: none is sent.
    std::string content_security_policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'self'";
    /// Files below it that have a hash in their names, as in `main-B7f3kQ_x.js`, never change: browsers keep them for
    /// good. Everything else they ask for anew, which costs a 304.
    std::string immutable_below = "assets/";
    /// Files up to this size are answered whole, larger ones in pieces of 64 KiB.
    std::size_t whole_up_to = std::size_t{64} << 10;
};

/// Serves the files of a folder for GET and HEAD: a function that leaves what is none of its requests to others.
///
/// @code
/// batchpace::http::StaticFiles files{"/srv/dashboard"};
/// batchpace::http::Handler handler = [&](Request request, Respond respond) {
///     if (request.target.starts_with("/api/")) return api(std::move(request), std::move(respond));
///     if (auto answer = files(request)) return respond(std::move(*answer));
///     respond({404, "text/plain", "There is no such page."});
/// };
/// @endcode
///
/// No file outside the folder is ever read: a path is decoded once and then looked at name by name, links that lead out
/// of the folder, hidden files (a name with a dot first) and what is no plain file are not found. A file is read as it
/// is at the request; reading blocks, so it is for files that the system has in memory, a dashboard's say. Needs Linux
/// with /proc, without which nothing is found.
/// **Threads**: may be called by any number at once.
class StaticFiles {
public:
    /// Throws `std::filesystem::filesystem_error` where there is no such folder.
    explicit StaticFiles(std::filesystem::path const& folder, StaticFilesOptions options = {})
        : folder_{std::filesystem::canonical(folder)}, options_{std::move(options)} {
        if (!options_.prefix.ends_with('/')) options_.prefix += '/';
        if (!std::filesystem::is_directory(folder_))
            throw std::filesystem::filesystem_error{"batchpace: a folder is needed", folder_,
                                                    std::make_error_code(std::errc::not_a_directory)};
    }

    /// Nothing where the request is for no file of the folder, or neither GET nor HEAD.
    std::optional<Response> operator()(Request const& request) const {
        if (request.method != "GET" && request.method != "HEAD") return std::nullopt;
        auto const path = std::string_view{request.target}.substr(0, request.target.find_first_of("?#"));
        if (!path.starts_with(options_.prefix)) return std::nullopt;
        auto name = decoded(path.substr(options_.prefix.size()));
        if (!name || !is_harmless(*name)) return std::nullopt;
        bool const may_be_route = options_.single_page_app && !has_extension(*name);
        if (name->empty() || name->ends_with('/')) *name += options_.index;
        auto file = open(*name);
        if (!file && may_be_route) {
            *name = options_.index;
            file = open(*name);
        }
        if (!file) return std::nullopt;
        return answer(request, *name, std::move(*file));
    }

private:
    class File {
    public:
        explicit File(int descriptor) noexcept : descriptor_{descriptor} {}
        File(File&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)}, facts{other.facts} {}
        File& operator=(File&& other) noexcept {
            std::swap(descriptor_, other.descriptor_);
            facts = other.facts;
            return *this;
        }
        ~File() {
            if (descriptor_ >= 0) ::close(descriptor_);
        }

        int descriptor() const noexcept { return descriptor_; }
        std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(facts.st_size); }
        /// Up to so many bytes more; fewer at the end, or where the file cannot be read.
        std::string read(std::size_t most) const {
            std::string text(most, '\0');
            std::size_t filled = 0;
            while (filled < most) {
                auto const count = ::read(descriptor_, text.data() + filled, most - filled);
                if (count < 0 && errno == EINTR) continue;
                if (count <= 0) break;
                filled += static_cast<std::size_t>(count);
            }
            text.resize(filled);
            return text;
        }

    private:
        int descriptor_;

    public:
        struct stat facts {};
    };

    class FileStream final : public BodyStream {
    public:
        explicit FileStream(File file) noexcept : file_{std::move(file)}, left_{file_.size()} {}
        void next(Deliver deliver) override {
            // Not more than the length that was promised, where the file grows meanwhile.
            auto piece = file_.read(static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece_bytes)));
            left_ -= piece.size();
            deliver(std::move(piece));
        }
        void finish() override {}  // it has an end, which comes soon
        void stop() noexcept override {}

    private:
        static constexpr std::uint64_t piece_bytes = std::uint64_t{64} << 10;
        File file_;
        std::uint64_t left_;
    };

    static std::optional<std::string> decoded(std::string_view path) {
        static constexpr auto digit = [](char c) {
            if (c >= '0' && c <= '9') return c - '0';
            if (c >= 'a' && c <= 'f') return c - 'a' + 10;
            if (c >= 'A' && c <= 'F') return c - 'A' + 10;
            return -1;
        };
        std::string text;
        text.reserve(path.size());
        for (std::size_t i = 0; i < path.size(); ++i) {
            if (path[i] != '%') {
                text += path[i];
                continue;
            }
            if (i + 2 >= path.size()) return std::nullopt;
            auto const high = digit(path[i + 1]);
            auto const low = digit(path[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            text += static_cast<char>(high * 16 + low);
            i += 2;
        }
        return text;
    }

    /// Names, separated by single slashes, none of which is hidden, `.` or `..`.
    static bool is_harmless(std::string_view name) noexcept {
        for (char const c : name)
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
        for (std::size_t begin = 0; begin < name.size();) {
            auto const end = std::min(name.size(), name.find('/', begin));
            if (end == begin || name[begin] == '.') return false;
            begin = end + 1;
        }
        return true;
    }

    static std::string_view extension_of(std::string_view name) noexcept {
        auto const last = name.substr(name.rfind('/') + 1);
        auto const dot = last.rfind('.');
        return dot == last.npos ? std::string_view{} : last.substr(dot + 1);
    }
    static bool has_extension(std::string_view name) noexcept { return !extension_of(name).empty(); }

    /// What is opened is looked at afterwards, by the descriptor: nobody can put something else in its place meanwhile.
    std::optional<File> open(std::string const& name) const {
        File file{::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
        if (file.descriptor() < 0 || ::fstat(file.descriptor(), &file.facts) != 0 || !S_ISREG(file.facts.st_mode))
            return std::nullopt;
        if (!is_inside(file)) return std::nullopt;
        return file;
    }
    bool is_inside(File const& file) const {
        std::error_code error;
        auto const real =
            std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(file.descriptor()), error).native();
        if (error) return false;
        auto const& folder = folder_.native();
        return folder == "/" || (real.size() > folder.size() && real.starts_with(folder) && real[folder.size()] == '/');
    }

    Response answer(Request const& request, std::string const& name, File file) const {
        auto const type = content_type(extension_of(name));
        bool const is_html = type.starts_with("text/html");
        auto const tag = EntityTag::of(file.facts);
        Response response;
        response.fields.add("ETag", tag.text());
        response.fields.add("Cache-Control", cache_control(name));
        response.fields.add("X-Content-Type-Options", "nosniff");
        if (is_html && !options_.content_security_policy.empty())
            response.fields.add("Content-Security-Policy", options_.content_security_policy);
        if (tag.is_known_to(request)) {
            response.status = 304;
            return response;
        }
        response.fields.add("Content-Type", std::string{type});
        if (file.size() <= options_.whole_up_to) {
            response.body = file.read(static_cast<std::size_t>(file.size()));
            return response;
        }
        response.fields.add("Content-Length", std::to_string(file.size()));
        response.stream = std::make_shared<FileStream>(std::move(file));
        return response;
    }

    std::string cache_control(std::string_view name) const {
        if (!options_.immutable_below.empty() && name.starts_with(options_.immutable_below) && has_hash(name))
            return "public, max-age=31536000, immutable";
        return "no-cache";
    }

    /// Eight characters or more, not all of them small letters, between a `-` or a `.` and the extension.
    static bool has_hash(std::string_view name) noexcept {
        auto const extension = extension_of(name);
        auto const last = name.substr(name.rfind('/') + 1);
        auto const stem = last.substr(0, last.size() - std::min(last.size(), extension.size() + 1));
        if (stem.size() < 9) return false;
        auto const end = stem.substr(stem.size() - 8);
        auto const before = stem.substr(0, stem.size() - 8);
        return before.find_last_of("-.") != before.npos && std::any_of(end.begin(), end.end(), [](char c) {
                   return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
               });
    }

    static std::string_view content_type(std::string_view extension) noexcept {
        static constexpr std::array<std::pair<std::string_view, std::string_view>, 16> types{{
            {"html", "text/html; charset=utf-8"},
            {"htm", "text/html; charset=utf-8"},
            {"js", "text/javascript; charset=utf-8"},
            {"mjs", "text/javascript; charset=utf-8"},
            {"css", "text/css; charset=utf-8"},
            {"json", "application/json"},
            {"map", "application/json"},
            {"txt", "text/plain; charset=utf-8"},
            {"svg", "image/svg+xml"},
            {"png", "image/png"},
            {"jpg", "image/jpeg"},
            {"jpeg", "image/jpeg"},
            {"webp", "image/webp"},
            {"gif", "image/gif"},
            {"ico", "image/x-icon"},
            {"woff2", "font/woff2"},
        }};
        for (auto const& [known, type] : types)
            if (Fields::same(known, extension)) return type;
        return "application/octet-stream";
    }

    std::filesystem::path folder_;
    StaticFilesOptions options_;
};

}  // namespace batchpace::http
