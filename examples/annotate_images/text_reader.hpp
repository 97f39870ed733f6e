// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "picture.hpp"

#include <batchpace/attempt.hpp>
#include <batchpace/outcome.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace tesseract {
class TessBaseAPI;
}

namespace annotate_images {

/// A word found in a picture.
struct Word {
    std::string text;
    double confidence = 0;                    ///< percent
    int x = 0, y = 0, width = 0, height = 0;  ///< its box in pixels, from the upper left corner
    bool ends_line = false;
};

/// Finds text by Tesseract. May be called by several threads at once: an engine (20 MB) is made for each call that
/// runs beside others, and kept for later calls.
class TextReader {
public:
    /// Below it a word is more often noise than text: photographs give noise at 29–54 %.
    static constexpr double least_confidence = 60;

    /// Throws `std::runtime_error` where Tesseract has no data for the language.
    explicit TextReader(std::string language);
    ~TextReader();

    /// The words in reading order. That the attempt is asked to stop is noticed between words.
    batchpace::Outcome<std::vector<Word>> read(Picture const& picture, batchpace::Attempt const& attempt);

private:
    using Engine = std::unique_ptr<tesseract::TessBaseAPI>;
    class Loan;

    Engine make_engine() const;

    std::string const language_;
    std::mutex mutex_;
    std::vector<Engine> idle_;
};

}  // namespace annotate_images
