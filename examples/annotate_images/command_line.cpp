// SPDX-License-Identifier: BSL-1.0
#include "command_line.hpp"

#include <charconv>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace annotate_images {
namespace {

constexpr std::chrono::seconds default_timeout{60};
constexpr double longest_timeout = 24 * 60 * 60;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    auto const [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// Walks over the arguments; what is wrong leaves as an exception whose text is the UsageError's.
class Arguments {
public:
    explicit Arguments(std::vector<std::string> const& all) : all_{all} {}

    /// False at the end. `--name=value` is split into its halves.
    bool next() {
        if (position_ == all_.size()) return false;
        current_ = all_[position_++];
        attached_.reset();
        if (auto const equals = current_.find('='); is_option() && equals != current_.npos) {
            attached_ = current_.substr(equals + 1);
            current_ = current_.substr(0, equals);
        }
        return true;
    }

    bool is_option() const { return !only_paths_ && current_.size() > 1 && current_.front() == '-'; }
    std::string_view current() const { return current_; }
    void end_options() { only_paths_ = true; }

    void no_value() const {
        if (attached_) throw std::invalid_argument{std::string{current_} + " takes no value"};
    }

    std::string value() {
        if (attached_) return std::string{*attached_};
        if (position_ == all_.size()) throw std::invalid_argument{std::string{current_} + " needs a value"};
        return all_[position_++];
    }

    int whole_number(int most) {
        auto const text = value();
        auto const number = parse_number<int>(text);
        if (!number || *number < 1 || *number > most)
            wrong_value(text, "a whole number from 1 to " + std::to_string(most));
        return *number;
    }

    double seconds() {
        auto const text = value();
        auto const number = parse_number<double>(text);
        if (!number || !std::isfinite(*number) || *number < 0.001 || *number > longest_timeout) {
            wrong_value(text, "seconds, more than 0 and at most a day");
        }
        return *number;
    }

    [[noreturn]] void wrong_value(std::string const& text, std::string const& wanted) const {
        throw std::invalid_argument{std::string{current_} + " takes " + wanted + ", not '" + text + "'"};
    }

private:
    std::vector<std::string> const& all_;
    std::size_t position_ = 0;
    std::string_view current_;
    std::optional<std::string_view> attached_;
    bool only_paths_ = false;
};

TierName parse_tier(Arguments& arguments) {
    auto const name = arguments.value();
    if (name == "free") return TierName::free;
    if (name == "paid") return TierName::paid;
    arguments.wrong_value(name, "free or paid");
}

std::string parse_language(Arguments& arguments) {
    auto name = arguments.value();
    // Tesseract makes a file name of it.
    if (name.empty() ||
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-") != name.npos) {
        arguments.wrong_value(name, "Tesseract's name of a language, like eng or deu+fra");
    }
    return name;
}

}  // namespace

std::variant<CommandLine, HelpWanted, UsageError> parse_command_line(std::vector<std::string> const& all,
                                                                     int default_concurrency) try {
    CommandLine line;
    line.concurrency = default_concurrency;
    line.timeout = default_timeout;

    Arguments arguments{all};
    while (arguments.next()) {
        auto const name = arguments.current();
        if (!arguments.is_option()) {
            if (name.empty()) throw std::invalid_argument{"a PATH is empty"};
            line.paths.emplace_back(name);
        } else if (name == "--") {
            arguments.end_options();
        } else if (name == "-h" || name == "--help") {
            return HelpWanted{};
        } else if (name == "-o" || name == "--out") {
            line.out = arguments.value();
            if (line.out->empty()) arguments.wrong_value(*line.out, "the name of a file");
            if (*line.out == "-") line.out.reset();
        } else if (name == "--concurrency") {
            line.concurrency = arguments.whole_number(1'000);
        } else if (name == "--rate-per-minute") {
            line.rate_per_minute = arguments.whole_number(1'000'000);
        } else if (name == "--attempts") {
            line.attempts = arguments.whole_number(100);
        } else if (name == "--timeout") {
            line.timeout =
                std::chrono::duration_cast<batchpace::duration>(std::chrono::duration<double>{arguments.seconds()});
        } else if (name == "--tier") {
            line.tier = parse_tier(arguments);
        } else if (name == "--lang") {
            line.language = parse_language(arguments);
        } else if (name == "--resume") {
            arguments.no_value();
            line.resume = true;
        } else if (name == "--table") {
            arguments.no_value();
            line.table = true;
        } else {
            throw std::invalid_argument{"there is no option " + std::string{name}};
        }
    }
    if (line.paths.empty()) throw std::invalid_argument{"no PATH given: name the pictures, or folders of them"};
    if (line.resume && !line.out)
        throw std::invalid_argument{"--resume needs --out FILE: the file of the run to go on with"};
    return line;
} catch (std::invalid_argument const& wrong) {
    return UsageError{wrong.what()};
}

std::string help_text() {
    return R"(Usage: annotate_images [OPTION]... PATH...

Annotates pictures: the text in them (Tesseract OCR), their size, dominant
colours and a perceptual hash. Everything is computed on this machine.
A PATH is a picture or a folder; folders are searched with all that is below
them for .png .jpg .jpeg .gif .bmp .ppm .pgm and .pnm files.

Every picture becomes one line of JSON, written as soon as it is done:
  {"itemId": PATH, "status": "successful", "annotation": {...}, ...}
  {"itemId": PATH, "status": "failed", "error": TEXT, "kind": ..., ...}
both with "attempts", "durationMs" and "finishedAt". A picture that fails does
not stop the others. Progress and summary go to standard error.

  -o, --out FILE         write the lines to FILE (default: standard output);
                         a FILE that exists is kept as FILE~ unless --resume
      --resume           go on with FILE: pictures it holds as successful are
                         skipped, failed and missing ones are done
      --table            show a table for people on standard output instead of
                         JSON (which --out still gets)
      --concurrency N    pictures worked on at once (default: one a core)
      --rate-per-minute N  start at most N in any minute
      --attempts N       attempts for a picture whose failure may pass (default 3)
      --timeout S        seconds one attempt may take (default 60)
      --tier free|paid   hold the run to a tier: free is 2 at once and 10 a
                         minute, paid is 10 at once and 500 a minute
      --lang L           language of the text, as Tesseract names it: eng, deu,
                         eng+deu (default eng; Debian: tesseract-ocr-deu ...)
  -h, --help             this text

Ctrl-C stops the run and keeps what is done; a second one stops at once.
Exit code: 0 all annotated, 1 some failed, 2 wrong use, 130 stopped by Ctrl-C.
)";
}

}  // namespace annotate_images
