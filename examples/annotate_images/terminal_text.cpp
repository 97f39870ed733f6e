// SPDX-License-Identifier: BSL-1.0
#include "terminal_text.hpp"

#include <algorithm>
#include <functional>

namespace annotate_images {
namespace {

/// True for the second and later bytes of a character.
bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// How many bytes the character at the front has; 0 where it is no UTF-8.
std::size_t character_size(std::string_view text) noexcept {
    auto const first = static_cast<unsigned char>(text.front());
    std::size_t const size = first < 0x80   ? 1
                             : first < 0xc2 ? 0
                             : first < 0xe0 ? 2
                             : first < 0xf0 ? 3
                             : first < 0xf5 ? 4
                                            : 0;
    if (size == 0 || size > text.size()) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (!is_continuation(text[i])) return 0;
    }
    return size;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        auto const size = character_size(text);
        if (size == 0)
            shown += "\xef\xbf\xbd";  // U+FFFD
        else if (text.front() == '\n')
            shown += "\\n";
        else if (text.front() == '\t')
            shown += "\\t";
        else if (static_cast<unsigned char>(text.front()) < 0x20 || text.front() == 0x7f)
            shown += '?';
        else if (text.starts_with("\xc2") && static_cast<unsigned char>(text[1]) < 0xa0)
            shown += '?';  // C1 controls
        else
            shown += text.substr(0, size);
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return shown;
}

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), std::not_fn(is_continuation)));
}

std::string fit(std::string_view text, std::size_t columns) {
    std::string fitted;
    std::size_t used = 0;
    for (std::size_t at = 0; at < text.size();) {
        auto next = at + 1;
        while (next < text.size() && is_continuation(text[next])) ++next;
        if (used + 1 == columns && next < text.size()) {
            fitted += "\xe2\x80\xa6";  // …
            return fitted;
        }
        if (used == columns) return fitted;
        fitted += text.substr(at, next - at);
        ++used;
        at = next;
    }
    return fitted.append(columns - used, ' ');
}

}  // namespace annotate_images
