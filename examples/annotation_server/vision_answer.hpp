// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "http_answer.hpp"
#include "vision_annotation.hpp"

#include <batchpace/outcome.hpp>

#include <cstddef>
#include <vector>

namespace annotation_server {

/// What a call has come to: something for each image, or a failure of the call as a whole, which is halved then.
using VisionOutcome = batchpace::Outcome<std::vector<batchpace::Outcome<VisionAnnotation>>>;

/// Reads what came back of a request with so many images. docs/vision_annotator.md has the table of what counts as
/// what. Takes anything for an answer and never throws for what is in it.
VisionOutcome read_vision_answer(HttpAnswer const& answer, std::size_t images);

}  // namespace annotation_server
