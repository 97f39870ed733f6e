// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotate_images/annotation_json.hpp"
#include "annotate_images/image_annotator.hpp"
#include "picture_folder.hpp"

#include <batchpace/attempt.hpp>
#include <batchpace/outcome.hpp>

#include <string>
#include <string_view>

namespace annotation_server {

/// Annotates the pictures of one folder: an item is a file's name in it, "cats/one.png". A name that leads out of it is
/// a permanent failure. It blocks, so it wants a thread_pool.
class FolderAnnotator {
public:
    /// Throws `std::runtime_error` where there is no such folder, or Tesseract has no data for the language.
    FolderAnnotator(std::string const& folder, std::string language);

    batchpace::Outcome<annotate_images::Annotation> operator()(std::string_view name,
                                                               batchpace::Attempt const& attempt) const;

private:
    PictureFolder folder_;
    annotate_images::ImageAnnotator annotate_;
};

}  // namespace annotation_server
