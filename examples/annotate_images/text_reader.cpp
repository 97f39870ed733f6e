// SPDX-License-Identifier: BSL-1.0
#include "text_reader.hpp"

#include <tesseract/baseapi.h>
#include <tesseract/ocrclass.h>
#include <tesseract/resultiterator.h>

#include <algorithm>
#include <allheaders.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <stop_token>
#include <string_view>

namespace annotate_images {
namespace {

constexpr std::int64_t most_pixels = 16'000'000;  // reading more takes longer and finds no more
constexpr int longest_side = 30'000;              // Tesseract refuses 32,768
constexpr int shortest_side = 8;                  // no letter fits below it

/// What Tesseract reads: brightness alone, shrunk where the picture is huge.
struct GreyImage {
    int shrunk = 1;  ///< so many pixels of the picture in each direction became one
    int width = 0, height = 0;
    std::vector<unsigned char> pixels;
};

GreyImage to_grey(Picture const& picture) {
    GreyImage grey;
    auto const fits = [&](int shrunk) {
        auto const width = picture.width() / shrunk, height = picture.height() / shrunk;
        return std::int64_t{width} * height <= most_pixels && std::max(width, height) <= longest_side;
    };
    while (!fits(grey.shrunk)) ++grey.shrunk;
    auto const n = grey.shrunk;
    grey.width = picture.width() / n;
    grey.height = picture.height() / n;
    grey.pixels.resize(static_cast<std::size_t>(grey.width) * static_cast<std::size_t>(grey.height));
    auto* to = grey.pixels.data();
    for (int y = 0; y < grey.height; ++y) {
        for (int x = 0; x < grey.width; ++x) {
            int sum = 0;
            for (int row = 0; row < n; ++row) {
                auto const* pixel = picture.row(y * n + row) + std::size_t{3} * static_cast<std::size_t>(x * n);
                for (int column = 0; column < n; ++column, pixel += 3) sum += brightness(pixel);
            }
            *to++ = static_cast<unsigned char>(sum / (n * n));
        }
    }
    return grey;
}

std::vector<Word> words_of(tesseract::TessBaseAPI& engine, int shrunk) {
    std::vector<Word> words;
    std::unique_ptr<tesseract::ResultIterator> const at{engine.GetIterator()};
    if (!at) return words;
    do {
        auto const ends_line = at->IsAtFinalElement(tesseract::RIL_TEXTLINE, tesseract::RIL_WORD);
        std::unique_ptr<char[]> const text{at->GetUTF8Text(tesseract::RIL_WORD)};
        Word word;
        word.confidence = static_cast<double>(at->Confidence(tesseract::RIL_WORD));
        int left = 0, top = 0, right = 0, bottom = 0;
        bool const kept = text && std::string_view{text.get()}.find_first_not_of(" \t\r\n") != std::string_view::npos &&
                          word.confidence >= TextReader::least_confidence &&
                          at->BoundingBox(tesseract::RIL_WORD, &left, &top, &right, &bottom);
        if (kept) {
            word.text = text.get();
            word.x = left * shrunk;
            word.y = top * shrunk;
            word.width = (right - left) * shrunk;
            word.height = (bottom - top) * shrunk;
            word.ends_line = ends_line;
            words.push_back(std::move(word));
        } else if (ends_line && !words.empty()) {
            words.back().ends_line = true;
        }
    } while (at->Next(tesseract::RIL_WORD));
    return words;
}

/// Tesseract is content when it has the first of several languages.
bool has_all(tesseract::TessBaseAPI const& engine, std::string const& languages) {
    std::vector<std::string> loaded;
    engine.GetLoadedLanguagesAsVector(&loaded);
    return loaded.size() > static_cast<std::size_t>(std::count(languages.begin(), languages.end(), '+'));
}

}  // namespace

/// An engine that goes back to the idle ones.
class TextReader::Loan {
public:
    explicit Loan(TextReader& reader) : reader_{reader} {
        {
            std::lock_guard const lock{reader.mutex_};
            if (!reader.idle_.empty()) {
                engine_ = std::move(reader.idle_.back());
                reader.idle_.pop_back();
            }
        }
        if (!engine_) engine_ = reader.make_engine();
    }
    Loan(Loan const&) = delete;
    Loan& operator=(Loan const&) = delete;
    ~Loan() {
        engine_->Clear();
        std::lock_guard const lock{reader_.mutex_};
        reader_.idle_.push_back(std::move(engine_));
    }
    tesseract::TessBaseAPI* operator->() const noexcept { return engine_.get(); }
    tesseract::TessBaseAPI& operator*() const noexcept { return *engine_; }

private:
    TextReader& reader_;
    Engine engine_;
};

TextReader::TextReader(std::string language) : language_{std::move(language)} {
    setMsgSeverity(L_SEVERITY_NONE);  // Leptonica would write between the progress
    idle_.push_back(make_engine());
}

TextReader::~TextReader() = default;

TextReader::Engine TextReader::make_engine() const {
    auto engine = std::make_unique<tesseract::TessBaseAPI>();
    std::vector<std::string> const names{"debug_file"}, values{"/dev/null"};  // quiet from the first line on
    auto const failed =
        engine->Init(nullptr, language_.c_str(), tesseract::OEM_DEFAULT, nullptr, 0, &names, &values, false);
    if (failed != 0 || !has_all(*engine, language_)) {
        throw std::runtime_error{"Tesseract has no data for the language " + language_ +
                                 " (on Debian it comes in packages like tesseract-ocr-deu)"};
    }
    engine->SetPageSegMode(tesseract::PSM_AUTO);
    engine->SetVariable("thresholding_method", "1");  // adaptive: photographed pages are lit unevenly
    return engine;
}

batchpace::Outcome<std::vector<Word>> TextReader::read(Picture const& picture, batchpace::Attempt const& attempt) {
    using batchpace::Failure;
    if (std::min(picture.width(), picture.height()) < shortest_side) return std::vector<Word>{};
    auto const grey = to_grey(picture);
    Loan const engine{*this};
    engine->SetImage(grey.pixels.data(), grey.width, grey.height, 1, grey.width);
    engine->SetSourceResolution(70);  // unknown, which is what Tesseract itself would assume

    tesseract::ETEXT_DESC monitor;
    auto stop = attempt.stop_token();
    monitor.cancel_this = &stop;
    monitor.cancel = [](void* token, int) { return static_cast<std::stop_token*>(token)->stop_requested(); };
    auto const failed = engine->Recognize(&monitor) != 0;
    if (stop.stop_requested()) {
        if (std::chrono::steady_clock::now() < attempt.deadline())
            return Failure::transient("stopped while it was read");
        return Failure::timed_out("the text was not read within the time-out");
    }
    if (failed) return Failure::permanent("Tesseract cannot read the picture");
    return words_of(*engine, grey.shrunk);
}

}  // namespace annotate_images
