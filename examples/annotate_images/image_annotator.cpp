// SPDX-License-Identifier: BSL-1.0
#include "image_annotator.hpp"

#include "perceptual_hash.hpp"
#include "picture.hpp"
#include "read_file.hpp"

#include <new>

namespace annotate_images {

ImageAnnotator::ImageAnnotator(std::string language) : reader_{std::make_shared<TextReader>(std::move(language))} {}

batchpace::Outcome<Annotation> ImageAnnotator::operator()(std::string_view path,
                                                          batchpace::Attempt const& attempt) const try {
    auto const decoded = [&]() -> batchpace::Outcome<Picture> {
        auto const bytes = read_file(std::string{path});
        if (!bytes) return bytes.failure();
        return Picture::decode(bytes.value());
    }();  // the file's bytes are gone before the text is read
    if (!decoded) return decoded.failure();
    auto const& picture = decoded.value();

    auto words = reader_->read(picture, attempt);
    if (!words) return words.failure();

    Annotation annotation;
    annotation.format = picture.format();
    annotation.width = picture.width();
    annotation.height = picture.height();
    annotation.words = std::move(words).value();
    annotation.colors = dominant_colors(picture);
    annotation.perceptual_hash = perceptual_hash(picture);
    return annotation;
} catch (std::bad_alloc const&) {
    return batchpace::Failure::transient("not enough memory for the picture");
}

}  // namespace annotate_images
