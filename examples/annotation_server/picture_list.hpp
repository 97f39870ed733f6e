// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture_folder.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace annotation_server {

/// Which pictures there are in a folder and all that is below it, page by page, sorted by their names' bytes. The
/// folder is searched anew when what is known of it is some seconds old; a search reads names only, and files are
/// looked at for the page that shows them. It blocks, for as long as the folder is large. For one thread at a time.
class PictureList {
public:
    using Clock = std::chrono::steady_clock;

    explicit PictureList(PictureFolder folder) : folder_{std::move(folder)} {}

    struct Picture {
        std::string id;
        std::uint64_t bytes = 0;
    };
    struct Page {
        std::vector<Picture> pictures;
        bool has_more = false;    ///< behind the last one
        bool is_partial = false;  ///< the folder holds more than is listed at all
    };
    /// @param contains  a part of the id, without regard to the case of ASCII letters; empty: any
    /// @param after     an id that need not be there; empty: from the first one
    Page page(std::string const& contains, std::string const& after, std::size_t limit);

private:
    struct Search;

    void search_if_old();

    PictureFolder folder_;
    std::vector<std::string> names_;
    bool is_partial_ = false;
    Clock::time_point good_until_{};
};

}  // namespace annotation_server
