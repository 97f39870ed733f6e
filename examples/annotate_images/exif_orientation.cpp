// SPDX-License-Identifier: BSL-1.0
#include "exif_orientation.hpp"

#include <cstddef>
#include <cstdint>

namespace annotate_images {
namespace {

using namespace std::literals;

/// Numbers out of bytes from somewhere: beyond the end everything is 0.
class Reader {
public:
    Reader(std::string_view bytes, bool big_endian) noexcept : bytes_{bytes}, big_endian_{big_endian} {}

    std::uint32_t u16(std::size_t at) const noexcept { return number(at, 2); }
    std::uint32_t u32(std::size_t at) const noexcept { return number(at, 4); }

private:
    std::uint32_t number(std::size_t at, std::size_t size) const noexcept {
        if (at > bytes_.size() || bytes_.size() - at < size) return 0;
        std::uint32_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            value = value << 8 | static_cast<unsigned char>(bytes_[at + (big_endian_ ? i : size - 1 - i)]);
        }
        return value;
    }

    std::string_view bytes_;
    bool big_endian_;
};

int orientation_in_tiff(std::string_view tiff) noexcept {
    Reader const read{tiff, tiff.starts_with("MM")};
    std::size_t const directory = read.u32(4);
    std::size_t const entries = read.u16(directory);
    for (std::size_t i = 0; i < entries; ++i) {
        auto const entry = directory + 2 + 12 * i;
        if (read.u16(entry) != 0x0112) continue;
        auto const value = read.u16(entry + 8);
        return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
}

}  // namespace

int exif_orientation(std::string_view jpeg) noexcept {
    constexpr std::uint32_t first_marker = 0xffc0, start_of_scan = 0xffda, app1 = 0xffe1;
    Reader const read{jpeg, true};
    for (std::size_t at = 2;;) {
        auto const marker = read.u16(at);
        auto const length = read.u16(at + 2);
        if (marker < first_marker || marker == start_of_scan || length < 2) return 1;
        if (auto const payload = jpeg.substr(at + 4, length - 2); marker == app1 && payload.starts_with("Exif\0\0"sv)) {
            return orientation_in_tiff(payload.substr(6));
        }
        at += 2 + length;
    }
}

}  // namespace annotate_images
