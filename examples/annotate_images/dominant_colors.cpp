// SPDX-License-Identifier: BSL-1.0
#include "dominant_colors.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace annotate_images {
namespace {

constexpr std::size_t most_colors = 5;
constexpr double smallest_share = 0.02;
constexpr std::int64_t samples_wanted = 1 << 18;  // more pixels than this change no digit that is shown
constexpr int bits = 4;                           // 16 steps a channel
constexpr std::int64_t near = 56;                 // colours closer than this are shades of one

/// The pixels that fall into one step of each channel.
struct Bin {
    std::int64_t count = 0;
    std::array<std::int64_t, 3> sum{};

    void add(Bin const& other) noexcept {
        count += other.count;
        for (std::size_t c = 0; c < 3; ++c) sum[c] += other.sum[c];
    }
    std::int64_t mean(std::size_t channel) const noexcept { return (sum[channel] + count / 2) / count; }
    std::int64_t distance_squared(Bin const& other) const noexcept {
        std::int64_t total = 0;
        for (std::size_t c = 0; c < 3; ++c) {
            auto const apart = mean(c) - other.mean(c);
            total += apart * apart;
        }
        return total;
    }
};

std::vector<Bin> histogram(Picture const& picture) {
    std::vector<Bin> bins(std::size_t{1} << (3 * bits));
    auto const area = static_cast<double>(picture.width()) * picture.height();
    auto const step = std::max(1, static_cast<int>(std::sqrt(area / static_cast<double>(samples_wanted))));
    for (int y = 0; y < picture.height(); y += step) {
        auto const* pixel = picture.row(y);
        for (int x = 0; x < picture.width(); x += step, pixel += 3 * step) {
            auto& bin = bins[static_cast<std::size_t>(pixel[0] >> (8 - bits) << (2 * bits) |
                                                      pixel[1] >> (8 - bits) << bits | pixel[2] >> (8 - bits))];
            ++bin.count;
            for (std::size_t c = 0; c < 3; ++c) bin.sum[c] += pixel[c];
        }
    }
    std::erase_if(bins, [](Bin const& bin) { return bin.count == 0; });
    std::sort(bins.begin(), bins.end(), [](Bin const& a, Bin const& b) { return a.count > b.count; });
    return bins;
}

}  // namespace

std::string DominantColor::hex() const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "#";
    for (auto const value : rgb) {
        text += digits[value >> 4];
        text += digits[value & 0xf];
    }
    return text;
}

std::vector<DominantColor> dominant_colors(Picture const& picture) {
    auto bins = histogram(picture);
    std::int64_t total = 0;
    for (auto const& bin : bins) total += bin.count;

    std::vector<DominantColor> colors;
    // The fullest bin draws in those near to it; then the fullest of the rest.
    while (!bins.empty() && colors.size() < most_colors) {
        auto const centre = bins.front();
        Bin color;
        std::erase_if(bins, [&](Bin const& bin) {
            if (bin.distance_squared(centre) > near * near) return false;
            color.add(bin);
            return true;
        });
        DominantColor dominant;
        dominant.share = static_cast<double>(color.count) / static_cast<double>(total);
        for (std::size_t c = 0; c < 3; ++c) dominant.rgb[c] = static_cast<unsigned char>(color.mean(c));
        if (dominant.share >= smallest_share) colors.push_back(dominant);
    }
    std::sort(colors.begin(), colors.end(),
              [](DominantColor const& a, DominantColor const& b) { return a.share > b.share; });
    return colors;
}

}  // namespace annotate_images
