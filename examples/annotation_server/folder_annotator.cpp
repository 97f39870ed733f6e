// SPDX-License-Identifier: BSL-1.0
#include "folder_annotator.hpp"

#include <utility>

namespace annotation_server {

FolderAnnotator::FolderAnnotator(std::string const& folder, std::string language)
    : folder_{folder}, annotate_{std::move(language)} {}

batchpace::Outcome<annotate_images::Annotation> FolderAnnotator::operator()(std::string_view name,
                                                                            batchpace::Attempt const& attempt) const {
    auto const entry = folder_.find(name);
    if (!entry) return entry.failure();
    return annotate_(entry.value().path(), attempt);
}

}  // namespace annotation_server
