// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>

namespace annotate_images {

/// Standard output and standard error, which may be one terminal: lines written to it go above the progress bar,
/// which stays the last line. Any thread may write.
class Console {
public:
    Console();

    bool output_is_terminal() const noexcept { return output_is_terminal_; }
    bool errors_are_terminal() const noexcept { return errors_are_terminal_; }
    /// Columns of the terminal; 100 where there is none.
    std::size_t width() const noexcept;

    /// To standard output, whole lines.
    std::error_code write(std::string_view lines);
    /// To standard error, one line without its newline.
    void note(std::string_view line);
    /// Replaces the bar; only where standard error is a terminal. An empty one takes it away.
    void show_bar(std::string bar);

private:
    void hide_bar();

    std::mutex mutex_;
    std::string bar_;
    bool const output_is_terminal_;
    bool const errors_are_terminal_;
};

}  // namespace annotate_images
