// SPDX-License-Identifier: BSL-1.0
#include "picture.hpp"

#include "exif_orientation.hpp"

#include <stb_image.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>

namespace annotate_images {
namespace {

using batchpace::Failure;

// 300 MB of pixels: what the largest cameras make. A small file may claim far more.
constexpr std::int64_t most_pixels = 100'000'000;

/// Gives a file's bytes to stb_image and notes whether it asked for more than there are: some of its decoders fill up
/// a picture that is cut off without a word.
class ByteSource {
public:
    explicit ByteSource(std::string_view bytes) noexcept : rest_{bytes} {}

    bool ran_dry() const noexcept { return ran_dry_; }

    static stbi_io_callbacks callbacks() noexcept { return {read, skip, at_end}; }

private:
    static ByteSource& self(void* user) noexcept { return *static_cast<ByteSource*>(user); }

    static int read(void* user, char* to, int wanted) noexcept {
        auto& source = self(user);
        auto const given = source.rest_.substr(0, static_cast<std::size_t>(std::max(wanted, 0)));
        if (given.empty()) source.ran_dry_ = true;
        std::copy(given.begin(), given.end(), to);
        source.rest_.remove_prefix(given.size());
        return static_cast<int>(given.size());
    }

    static void skip(void* user, int count) noexcept {
        auto& source = self(user);
        auto const wanted = static_cast<std::size_t>(std::max(count, 0));
        if (wanted > source.rest_.size()) source.ran_dry_ = true;
        source.rest_.remove_prefix(std::min(wanted, source.rest_.size()));
    }

    static int at_end(void* user) noexcept { return self(user).rest_.empty() ? 1 : 0; }

    std::string_view rest_;
    bool ran_dry_ = false;
};

std::string name_of(PictureFormat format) { return std::string{to_string(format)}; }

Failure cut_off(PictureFormat format) {
    return Failure::permanent("the " + name_of(format) + " picture is cut off: the file ends too early");
}

Failure undecodable(PictureFormat format, ByteSource const& source) {
    std::string_view const reason = stbi_failure_reason() ? stbi_failure_reason() : "";
    if (source.ran_dry() || reason == "outofdata") return cut_off(format);
    if (reason == "outofmem") return Failure::transient("not enough memory for the picture");
    return Failure::permanent("the " + name_of(format) +
                              " picture is damaged or of a rare kind (stb_image: " + std::string{reason} + ")");
}

/// Four bytes a pixel become three, in place.
void show_on_white(unsigned char* pixels, std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        unsigned const alpha = pixels[4 * i + 3];
        for (std::size_t c = 0; c < 3; ++c) {
            pixels[3 * i + c] =
                static_cast<unsigned char>((pixels[4 * i + c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
    }
}

}  // namespace

void Picture::FreePixels::operator()(unsigned char* pixels) const noexcept { stbi_image_free(pixels); }

batchpace::Outcome<Picture> Picture::decode(std::string_view bytes) {
    if (bytes.empty()) return Failure::permanent("the file is empty (0 bytes)");
    auto const format = detect_format(bytes);
    if (format == PictureFormat::unknown) {
        return Failure::permanent("not a picture: the file does not begin like a PNG, JPEG, GIF, BMP or PNM");
    }
    if (!is_readable(format)) {
        return Failure::permanent("a " + name_of(format) + " file: only PNG, JPEG, GIF, BMP and PNM are read");
    }

    auto const callbacks = ByteSource::callbacks();
    int width = 0, height = 0, channels = 0;
    ByteSource header{bytes};
    if (stbi_info_from_callbacks(&callbacks, &header, &width, &height, &channels) == 0)
        // stb_image's reason is that of the last format it tried.
        return header.ran_dry()
                   ? cut_off(format)
                   : Failure::permanent("the " + name_of(format) + " picture is damaged: its header makes no sense");
    if (width < 1 || height < 1) return Failure::permanent("the picture has no pixels");
    auto const count = std::int64_t{width} * height;
    if (count > most_pixels) {
        return Failure::permanent("the picture is too large: " + std::to_string(width) + " x " +
                                  std::to_string(height) + " pixels, at most 100 million are read");
    }

    // Grey with alpha is two channels, colour with alpha four.
    auto const wanted = channels % 2 == 0 ? STBI_rgb_alpha : STBI_rgb;
    ByteSource source{bytes};
    Pixels pixels{stbi_load_from_callbacks(&callbacks, &source, &width, &height, &channels, wanted)};
    if (!pixels || source.ran_dry()) return undecodable(format, source);
    if (wanted == STBI_rgb_alpha) show_on_white(pixels.get(), static_cast<std::size_t>(count));

    Picture picture{format, width, height, std::move(pixels)};
    if (format == PictureFormat::jpeg) picture.turn_upright(exif_orientation(bytes));
    return picture;
}

void Picture::turn_upright(int orientation) {
    if (orientation < 2 || orientation > 8) return;
    bool const sideways = orientation >= 5;
    auto const new_width = sideways ? height_ : width_;
    auto const new_height = sideways ? width_ : height_;

    auto const size = std::size_t{3} * static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_);
    Pixels turned{static_cast<unsigned char*>(std::malloc(size))};  // stb_image frees by free()
    if (!turned) throw std::bad_alloc{};
    auto* to = turned.get();
    for (int y = 0; y < new_height; ++y) {
        for (int x = 0; x < new_width; ++x, to += 3) {
            int from_x = sideways ? y : x;
            int from_y = sideways ? x : y;
            // 2, 3: from the right; 3, 4: from below; sideways 7, 8: from the right; 6, 7: from below.
            if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
                from_x = width_ - 1 - from_x;
            if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
                from_y = height_ - 1 - from_y;
            std::memcpy(to, row(from_y) + 3 * static_cast<std::size_t>(from_x), 3);
        }
    }
    pixels_ = std::move(turned);
    width_ = new_width;
    height_ = new_height;
}

}  // namespace annotate_images
