// SPDX-License-Identifier: BSL-1.0
#include "picture_list.hpp"

#include "annotate_images/image_extension.hpp"

#include <batchpace/http/start_limits.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

namespace annotation_server {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t most_names = 200'000;      // that are kept: 20 MB or so
constexpr std::size_t most_entries = 2'000'000;  // that are looked at in one search
constexpr auto shortest_life = 3s;
constexpr int searching_share = 10;  // of the time at most a tenth

/// Whether a start would take it: valid UTF-8 without control characters, not too long.
bool can_be_an_id(std::string const& name) {
    if (name.size() > batchpace::http::StartLimits{}.max_id_length) return false;
    bool is_ascii = true;
    for (std::size_t i = 0; i < name.size(); ++i) {
        auto const byte = static_cast<unsigned char>(name[i]);
        if (byte < 0x20 || byte == 0x7f) return false;
        if (byte == 0xc2 && i + 1 < name.size() && static_cast<unsigned char>(name[i + 1]) < 0xa0) return false;
        is_ascii = is_ascii && byte < 0x80;
    }
    if (is_ascii) return true;
    // nlohmann's writer is the one that must take it.
    try {
        return !nlohmann::json(name).dump().empty();
    } catch (nlohmann::json::type_error const&) {
        return false;
    }
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return small(a) == small(b); }) != text.end();
}

}  // namespace

/// Goes through the folder and what is below it. Links to folders are not followed: they may lead out, or in circles.
/// Hidden files and folders are left out: they are what programs keep for themselves.
struct PictureList::Search {
    fs::path const& root;
    std::vector<std::string> names{};
    bool is_partial = false;
    std::size_t entries = 0;

    void run() {
        std::vector<std::string> folders{""};
        while (!folders.empty() && !is_partial) {
            auto const folder = std::move(folders.back());
            folders.pop_back();
            look_into(folder, folders);
        }
        std::sort(names.begin(), names.end());
    }

private:
    void look_into(std::string const& folder, std::vector<std::string>& folders) {
        std::error_code fault;
        fs::directory_iterator entry{root / folder, fault};
        for (; !fault && entry != fs::directory_iterator{}; entry.increment(fault)) {
            if (++entries > most_entries || names.size() >= most_names) {
                is_partial = true;
                return;
            }
            auto const own = entry->path().filename().string();
            if (own.starts_with('.')) continue;
            auto name = folder.empty() ? own : folder + '/' + own;
            std::error_code ignored;
            // A link's target is looked at when it is shown.
            if (entry->is_symlink(ignored) || entry->is_regular_file(ignored)) {
                if (annotate_images::has_image_extension(own) && can_be_an_id(name)) names.push_back(std::move(name));
            } else if (entry->is_directory(ignored)) {
                folders.push_back(std::move(name));
            }
        }
    }
};

void PictureList::search_if_old() {
    auto const begin = Clock::now();
    if (begin < good_until_) return;
    Search search{folder_.path()};
    search.run();
    names_ = std::move(search.names);
    is_partial_ = search.is_partial;
    auto const end = Clock::now();
    good_until_ = end + std::max<Clock::duration>(shortest_life, searching_share * (end - begin));
}

PictureList::Page PictureList::page(std::string const& part, std::string const& after, std::size_t limit) {
    search_if_old();
    Page page;
    page.is_partial = is_partial_;
    for (auto name = std::upper_bound(names_.begin(), names_.end(), after); name != names_.end(); ++name) {
        if (!contains(*name, part)) continue;
        auto const entry = folder_.find(*name);
        auto const facts = entry ? entry.value().facts_of_file() : std::nullopt;
        if (!facts) continue;  // gone since, or a link that leads out or to no file
        if (page.pictures.size() == limit) {
            page.has_more = true;
            break;
        }
        page.pictures.push_back({*name, static_cast<std::uint64_t>(facts->st_size)});
    }
    return page;
}

}  // namespace annotation_server
