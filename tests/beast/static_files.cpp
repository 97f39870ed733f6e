// SPDX-License-Identifier: BSL-1.0

#include "support.hpp"

#include <batchpace/http/static_files.hpp>

#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace beast_test;
namespace fs = std::filesystem;

namespace {

/// A folder `site` with files in it, beside a file that nobody may see.
class Site {
public:
    Site() {
        std::string name = (fs::temp_directory_path() / "batchpace-site-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        root_ = name;
        write("secret.txt", "secret");
        fs::create_directories(root_ / "site-two");
        write("site-two/secret.txt", "secret");
        write("site/index.html", "<html>home</html>");
        write("site/robots.txt", "none");
        write("site/assets/main-B7f3kQ_x.js", "run()");
        write("site/assets/logo.png", "png");
        write("site/docs/index.html", "docs");
        write("site/a b.txt", "blank");
        write("site/.hidden", "hidden");
        write("site/.git/config", "hidden");
    }
    ~Site() { fs::remove_all(root_); }
    Site(Site const&) = delete;
    Site& operator=(Site const&) = delete;

    void write(fs::path const& name, std::string_view text) const {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream{root_ / name, std::ios::binary} << text;
    }
    fs::path root() const { return root_; }
    fs::path folder() const { return root_ / "site"; }

private:
    fs::path root_;
};

http::Request asking(std::string target, std::string method = "GET") {
    http::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    return request;
}
std::string field(http::Response const& response, std::string_view name) {
    return std::string{response.fields.find(name).value_or("(none)")};
}
std::string body_of(std::optional<http::Response> const& response) { return response ? response->body : "(nothing)"; }

}  // namespace

TEST_CASE("a file is answered with its text, its type and what a browser may do with it", "[static_files]") {
    Site const site;
    http::StaticFiles const files{site.folder()};
    auto const answer = files(asking("/robots.txt?query"));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "none");
    CHECK(field(*answer, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(field(*answer, "Cache-Control") == "no-cache");
    CHECK(field(*answer, "X-Content-Type-Options") == "nosniff");
    CHECK(field(*answer, "Content-Security-Policy") == "(none)");
    CHECK(body_of(files(asking("/a%20b.txt"))) == "blank");
    CHECK(body_of(files(asking("/robots.txt", "HEAD"))) == "none");
}

TEST_CASE("a folder is answered with its index, which has a policy", "[static_files]") {
    Site const site;
    http::StaticFiles const files{site.folder(), {.content_security_policy = "default-src 'none'"}};
    auto const home = files(asking("/"));
    REQUIRE(home);
    CHECK(home->body == "<html>home</html>");
    CHECK(field(*home, "Content-Type") == "text/html; charset=utf-8");
    CHECK(field(*home, "Cache-Control") == "no-cache");
    CHECK(field(*home, "Content-Security-Policy") == "default-src 'none'");
    CHECK(body_of(files(asking("/docs/"))) == "docs");
    CHECK_FALSE(files(asking("/docs")));
    http::StaticFiles const without{site.folder(), {.content_security_policy = ""}};
    CHECK(field(*without(asking("/")), "Content-Security-Policy") == "(none)");
}

TEST_CASE("every type that a page needs is known", "[static_files]") {
    Site const site;
    http::StaticFiles const files{site.folder()};
    for (auto const& [name, type] : std::vector<std::pair<std::string, std::string>>{
             {"a.html", "text/html; charset=utf-8"},
             {"a.js", "text/javascript; charset=utf-8"},
             {"a.css", "text/css; charset=utf-8"},
             {"a.svg", "image/svg+xml"},
             {"a.png", "image/png"},
             {"a.jpg", "image/jpeg"},
             {"a.JPEG", "image/jpeg"},
             {"a.webp", "image/webp"},
             {"a.gif", "image/gif"},
             {"a.ico", "image/x-icon"},
             {"a.json", "application/json"},
             {"a.js.map", "application/json"},
             {"a.woff2", "font/woff2"},
             {"a.txt", "text/plain; charset=utf-8"},
             {"a.exe", "application/octet-stream"},
             {"a", "application/octet-stream"},
         }) {
        site.write("site/" + name, "x");
        auto const answer = files(asking("/" + name));
        REQUIRE(answer);
        CHECK(field(*answer, "Content-Type") == type);
    }
}

TEST_CASE("only files with a hash in their names, in their place, are for good", "[static_files]") {
    Site const site;
    for (auto const* name : {"assets/my-component.js", "assets/short-B7f.js", "assets/B7f3kQ_x.js", "main-B7f3kQ_x.js",
                             "assets/index-DfkB12ab.css", "assets/a.12345678.css", "assets/noextension-12345678"})
        site.write("site/"s + name, "x");
    http::StaticFiles const files{site.folder()};
    auto const is_kept = [&](std::string const& name) {
        return field(*files(asking("/" + name)), "Cache-Control") == "public, max-age=31536000, immutable";
    };
    CHECK(is_kept("assets/main-B7f3kQ_x.js"));
    CHECK(is_kept("assets/index-DfkB12ab.css"));
    CHECK(is_kept("assets/a.12345678.css"));
    CHECK_FALSE(is_kept("assets/logo.png"));
    CHECK_FALSE(is_kept("assets/my-component.js"));
    CHECK_FALSE(is_kept("assets/short-B7f.js"));
    CHECK_FALSE(is_kept("assets/B7f3kQ_x.js"));
    CHECK_FALSE(is_kept("main-B7f3kQ_x.js"));
}

TEST_CASE("what a browser has already is not sent again", "[static_files]") {
    Site const site;
    http::StaticFiles const files{site.folder()};
    auto const tag = field(*files(asking("/robots.txt")), "ETag");
    CHECK(tag.starts_with('"'));
    CHECK(tag.ends_with('"'));
    auto const status = [&](std::string value) {
        auto request = asking("/robots.txt");
        request.fields.add("If-None-Match", std::move(value));
        auto const answer = files(request);
        CHECK(field(*answer, "ETag") == field(*files(asking("/robots.txt")), "ETag"));
        if (answer->status == 304) CHECK(answer->body.empty());
        return answer->status;
    };
    CHECK(status(tag) == 304);
    CHECK(status("W/" + tag) == 304);
    CHECK(status("\"x\" ,\t" + tag + " , \"y\"") == 304);
    CHECK(status("*") == 304);
    CHECK(status("\"x\"") == 200);
    CHECK(status("") == 200);
    CHECK(status(",,,") == 200);
    CHECK(status(tag.substr(0, tag.size() - 1)) == 200);
    site.write("site/robots.txt", "changed");
    CHECK(status(tag) == 200);
}

TEST_CASE("no path leads out of the folder", "[static_files]") {
    Site const site;
    fs::create_symlink(site.root() / "secret.txt", site.folder() / "link.txt");
    fs::create_symlink("../secret.txt", site.folder() / "relative.txt");
    fs::create_directory_symlink(site.root(), site.folder() / "up");
    fs::create_directory_symlink(site.root() / "site-two", site.folder() / "two");
    fs::create_symlink("robots.txt", site.folder() / "inside.txt");
    for (bool const app : {false, true}) {
        http::StaticFiles const files{site.folder(), {.single_page_app = app}};
        for (auto const* target : {
                 "/../secret.txt",
                 "/..%2fsecret.txt",
                 "/%2e%2e/secret.txt",
                 "/%2E%2e%2Fsecret.txt",
                 "/docs/../../secret.txt",
                 "/docs/..",
                 "/docs/./index.html",
                 "/./robots.txt",
                 "//robots.txt",
                 "//etc/passwd",
                 "/%2fetc/passwd",
                 "/docs//index.html",
                 "/..\\secret.txt",
                 "/..%5csecret.txt",
                 "/robots.txt%00",
                 "/robots.txt%00.html",
                 "/robots.txt%0a",
                 "/%",
                 "/%2",
                 "/%zz",
                 "/%252e%252e/secret.txt",
                 "/.hidden",
                 "/%2ehidden",
                 "/.git/config",
                 "/docs/.hidden",
                 "/link.txt",
                 "/relative.txt",
                 "/up/secret.txt",
                 "/two/secret.txt",
                 "/robots.txt/",
                 "/robots.txt/x.txt",
                 "robots.txt",
                 "*",
                 "",
             }) {
            INFO(target);
            auto const answer = files(asking(target));
            CHECK((!answer || (app && answer->body == "<html>home</html>")));
        }
        CHECK(body_of(files(asking("/inside.txt"))) == "none");
    }
}

TEST_CASE("what is no plain file is not found, and opening it holds nobody up", "[static_files]") {
    Site const site;
    REQUIRE(::mkfifo((site.folder() / "pipe.txt").c_str(), 0600) == 0);
    fs::create_symlink("/dev/zero", site.folder() / "zero.txt");
    fs::create_symlink("loop.txt", site.folder() / "loop.txt");
    fs::create_directory(site.folder() / "folder.txt");
    http::StaticFiles const files{site.folder()};
    for (auto const* target : {"/pipe.txt", "/zero.txt", "/loop.txt", "/folder.txt", "/none.txt"}) {
        INFO(target);
        CHECK_FALSE(files(asking(target)));
    }
    CHECK_FALSE(files(asking("/" + std::string(5000, 'x'))));
    CHECK_THROWS_AS(http::StaticFiles{site.folder() / "none"}, fs::filesystem_error);
    CHECK_THROWS_AS(http::StaticFiles{site.folder() / "robots.txt"}, fs::filesystem_error);
}

TEST_CASE("a page with routes of its own is what unknown paths are answered with", "[static_files]") {
    Site const site;
    http::StaticFiles const files{site.folder(), {.single_page_app = true}};
    for (auto const* target : {"/jobs", "/jobs/17", "/jobs/17/", "/docs"}) {
        INFO(target);
        CHECK(body_of(files(asking(target))) == "<html>home</html>");
    }
    CHECK_FALSE(files(asking("/missing.js")));
    CHECK(body_of(files(asking("/docs/"))) == "docs");
    http::StaticFiles const plain{site.folder()};
    CHECK_FALSE(plain(asking("/jobs")));
}

TEST_CASE("a folder may be mounted below a path", "[static_files]") {
    Site const site;
    auto const* prefix = GENERATE("/ui", "/ui/");
    http::StaticFiles const files{site.folder(), {.prefix = prefix, .single_page_app = true}};
    CHECK(body_of(files(asking("/ui/robots.txt"))) == "none");
    CHECK(body_of(files(asking("/ui/"))) == "<html>home</html>");
    CHECK(body_of(files(asking("/ui/jobs"))) == "<html>home</html>");
    CHECK_FALSE(files(asking("/robots.txt")));
    CHECK_FALSE(files(asking("/uirobots.txt")));
    CHECK_FALSE(files(asking("/ui/robots.txt", "POST")));
    CHECK_FALSE(files(asking("/ui/robots.txt", "get")));
}

TEST_CASE("a large file is served in pieces, with its length", "[static_files]") {
    Site const site;
    std::string text;
    for (int i = 0; text.size() < 1'000'000; ++i) text += std::to_string(i) + "\n";
    site.write("site/large.txt", text);
    http::StaticFiles const files{site.folder()};
    auto const answer = files(asking("/large.txt"));
    REQUIRE(answer);
    CHECK(answer->body.empty());
    REQUIRE(answer->stream);
    std::string all;
    bool ended = false;
    while (!ended)
        answer->stream->next([&](std::string const& piece) {
            CHECK(piece.size() <= std::size_t{64} << 10);
            ended = piece.empty();
            all += piece;
        });
    CHECK((all == text));

    Served const served{[&](http::Request request, http::Respond respond) {
        auto found = files(request);
        respond(found ? std::move(*found) : http::Response{404, "text/plain", ""});
    }};
    auto client = served.client();
    auto const sent = client.ask(get("/large.txt"));
    CHECK(sent.field("Content-Length") == std::to_string(text.size()));
    CHECK((sent.body == text));
    client.send("HEAD /large.txt HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(client.answer(true).field("Content-Length") == std::to_string(text.size()));
    CHECK(client.ask(get("/large.txt", "If-None-Match: " + sent.field("ETag") + "\r\n")).status == 304);
    CHECK(client.ask(get("/../secret.txt")).status == 404);
    CHECK(client.ask(get("/robots.txt")).body == "none");
}

TEST_CASE("a file that changes while it is served is not sent longer than was promised", "[static_files]") {
    Site const site;
    site.write("site/log.txt", std::string(200'000, 'x'));
    http::StaticFiles const files{site.folder()};
    auto const answer = files(asking("/log.txt"));
    REQUIRE(answer->stream);
    std::ofstream{site.folder() / "log.txt", std::ios::app} << std::string(200'000, 'y');
    std::size_t size = 0;
    for (bool ended = false; !ended;)
        answer->stream->next([&](std::string const& piece) {
            ended = piece.empty();
            size += piece.size();
        });
    CHECK(size == 200'000);
}
