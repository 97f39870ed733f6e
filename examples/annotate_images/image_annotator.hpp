// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "annotation.hpp"
#include "text_reader.hpp"

#include <batchpace/attempt.hpp>
#include <batchpace/outcome.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace annotate_images {

/// Annotates one picture: the callable that the processor is given. It blocks, so it wants a thread_pool; copies
/// share their text reader, and several threads may call them at once.
class ImageAnnotator {
public:
    /// Throws `std::runtime_error` where Tesseract has no data for the language.
    explicit ImageAnnotator(std::string language);

    batchpace::Outcome<Annotation> operator()(std::string_view path, batchpace::Attempt const& attempt) const;

private:
    std::shared_ptr<TextReader> reader_;
};

}  // namespace annotate_images
