// SPDX-License-Identifier: BSL-1.0
#include "console.hpp"

#include "file_descriptor.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace annotate_images {
namespace {

constexpr std::string_view to_line_start_and_clear = "\r\x1b[K";

}  // namespace

Console::Console()
    : output_is_terminal_{::isatty(STDOUT_FILENO) == 1}, errors_are_terminal_{::isatty(STDERR_FILENO) == 1} {}

std::size_t Console::width() const noexcept {
    winsize size{};
    for (auto const file : {STDOUT_FILENO, STDERR_FILENO}) {
        if (::isatty(file) == 1 && ::ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    }
    return 100;
}

std::error_code Console::write(std::string_view lines) {
    std::lock_guard const lock{mutex_};
    if (output_is_terminal_) hide_bar();
    auto const failure = write_all(STDOUT_FILENO, lines);
    if (output_is_terminal_) (void)write_all(STDERR_FILENO, bar_);
    return failure;
}

void Console::note(std::string_view line) {
    std::lock_guard const lock{mutex_};
    hide_bar();
    (void)write_all(STDERR_FILENO, std::string{line} + '\n' + bar_);
}

void Console::show_bar(std::string bar) {
    if (!errors_are_terminal_) return;
    std::lock_guard const lock{mutex_};
    hide_bar();
    bar_ = std::move(bar);
    (void)write_all(STDERR_FILENO, bar_);
}

void Console::hide_bar() {
    if (!bar_.empty()) (void)write_all(STDERR_FILENO, to_line_start_and_clear);
}

}  // namespace annotate_images
