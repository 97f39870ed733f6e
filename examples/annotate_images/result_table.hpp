// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotation.hpp"
#include "console.hpp"

#include <batchpace/item_result.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace annotate_images {

/// A row for each picture, for people: its name, size, colours, time and the first words in it, or why it failed.
class ResultTable {
public:
    /// `paths` are those that may come: they say how wide the first column is and which folder all have in common.
    ResultTable(std::vector<std::string> const& paths, bool colored, std::size_t width);

    std::string header() const;
    std::string row(batchpace::ItemResult<Annotation> const& result) const;

private:
    std::string cell_of_name(std::string const& path) const;

    std::size_t common_ = 0;  ///< bytes at the front of each path that are not shown
    std::size_t name_width_ = 0;
    std::size_t text_width_ = 0;
    bool colored_;
};

}  // namespace annotate_images
