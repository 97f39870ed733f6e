// SPDX-License-Identifier: BSL-1.0
#include "annotation.hpp"

namespace annotate_images {

std::string Annotation::text() const {
    std::string text;
    for (auto const& word : words) {
        text += word.text;
        text += word.ends_line ? '\n' : ' ';
    }
    if (!text.empty()) text.pop_back();
    return text;
}

}  // namespace annotate_images
