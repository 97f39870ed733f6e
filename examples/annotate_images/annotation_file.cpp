// SPDX-License-Identifier: BSL-1.0
#include "annotation_file.hpp"

#include "result_line.hpp"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unordered_set>

namespace annotate_images {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot(std::string_view what, std::string const& path, std::error_code why) {
    throw std::runtime_error{"cannot " + std::string{what} + ' ' + path + ": " + why.message()};
}

FileDescriptor open_for_append(std::string const& path) {
    FileDescriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
    if (!file) cannot("write", path, {errno, std::system_category()});
    return file;
}

bool is_beginning_of_line(std::string_view text) {
    constexpr std::string_view every_line = "{\"itemId\":";
    return text.starts_with(every_line) || every_line.starts_with(text);
}

/// Copies the lines that stay to `to`. Returns the paths that are done.
std::unordered_set<std::string> copy_what_stays(std::ifstream& from, std::ofstream& to, std::string const& name,
                                                std::unordered_set<std::string> const& wanted) {
    std::unordered_set<std::string> done;
    std::string line;
    for (std::uint64_t number = 1; std::getline(from, line); ++number) {
        auto const result = parse_json_line(line);
        // A kill leaves the beginning of one of our lines without a newline, nothing else.
        if (!result && !(from.eof() && is_beginning_of_line(line))) {
            throw std::runtime_error{"cannot resume " + name + ": line " + std::to_string(number) +
                                     " was not written by annotate_images"};
        }
        if (!result || (!result->successful && wanted.contains(result->path))) continue;
        if (result->successful && !done.insert(result->path).second) continue;
        to << line << '\n';
    }
    if (from.bad()) throw std::runtime_error{"cannot read " + name};
    return done;
}

}  // namespace

AnnotationFile AnnotationFile::create(std::string const& path) {
    std::error_code ignored, failure;
    if (fs::is_regular_file(path, ignored) && fs::file_size(path, ignored) > 0) {
        fs::rename(path, path + '~', failure);
        if (failure) cannot("keep the earlier", path, failure);
    }
    return {open_for_append(path), 0};
}

AnnotationFile AnnotationFile::resume(std::string const& path, std::vector<std::string>& paths) {
    std::error_code failure;
    auto const status = fs::status(path, failure);
    if (!fs::exists(status)) return create(path);
    if (!fs::is_regular_file(status)) throw std::runtime_error{"cannot resume " + path + ": it is not a regular file"};

    // Written anew beside the old one and put in its place, so that a kill right now leaves one of the two whole.
    auto const real = fs::canonical(path, failure).string();
    if (failure) cannot("read", path, failure);
    auto const copy = real + ".resuming";
    std::unordered_set<std::string> done;
    try {
        std::ifstream from{real, std::ios::binary};
        if (!from) throw std::runtime_error{"cannot read " + path};
        std::ofstream to{copy, std::ios::binary | std::ios::trunc};
        done = copy_what_stays(from, to, path, {paths.begin(), paths.end()});
        if (!to.flush()) throw std::runtime_error{"cannot write " + copy};
    } catch (...) {
        fs::remove(copy, failure);
        throw;
    }
    fs::permissions(copy, status.permissions(), failure);
    fs::rename(copy, real, failure);
    if (failure) cannot("write", path, failure);

    auto const before = paths.size();
    std::erase_if(paths, [&](std::string const& item) { return done.contains(item); });
    return {open_for_append(real), before - paths.size()};
}

}  // namespace annotate_images
