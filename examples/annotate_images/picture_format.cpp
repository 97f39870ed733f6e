// SPDX-License-Identifier: BSL-1.0
#include "picture_format.hpp"

namespace annotate_images {
namespace {

using namespace std::literals;

struct Signature {
    std::size_t offset;
    std::string_view bytes;
    PictureFormat format;
};

// At most one fits: none is the beginning of another.
constexpr Signature signatures[] = {
    {0, "\x89PNG\r\n\x1a\n"sv, PictureFormat::png},
    {0, "\xff\xd8\xff"sv, PictureFormat::jpeg},
    {0, "GIF87a"sv, PictureFormat::gif},
    {0, "GIF89a"sv, PictureFormat::gif},
    {0, "II*\0"sv, PictureFormat::tiff},
    {0, "MM\0*"sv, PictureFormat::tiff},
    {8, "WEBP"sv, PictureFormat::webp},
    {0, "%PDF-"sv, PictureFormat::pdf},
    {4, "ftyphei"sv, PictureFormat::heif},
    {4, "ftyphev"sv, PictureFormat::heif},
    {4, "ftypmif1"sv, PictureFormat::heif},
    {4, "ftypavif"sv, PictureFormat::heif},
};

bool is_bmp(std::string_view bytes) noexcept {
    // "BM" alone begins too many texts: the two reserved words behind the size are zero.
    return bytes.starts_with("BM") && bytes.substr(0, 10).ends_with("\0\0\0\0"sv);
}

bool is_pnm(std::string_view bytes) noexcept {
    auto const space_or_comment = bytes.substr(0, 3).find_last_of(" \t\r\n#"sv) == 2;
    return (bytes.starts_with("P5") || bytes.starts_with("P6")) && space_or_comment;
}

}  // namespace

PictureFormat detect_format(std::string_view bytes) noexcept {
    for (auto const& signature : signatures) {
        if (bytes.size() >= signature.offset && bytes.substr(signature.offset).starts_with(signature.bytes)) {
            return signature.format;
        }
    }
    if (is_bmp(bytes)) return PictureFormat::bmp;
    if (is_pnm(bytes)) return PictureFormat::pnm;
    return PictureFormat::unknown;
}

std::string_view to_string(PictureFormat format) noexcept {
    switch (format) {
        case PictureFormat::png: return "PNG";
        case PictureFormat::jpeg: return "JPEG";
        case PictureFormat::gif: return "GIF";
        case PictureFormat::bmp: return "BMP";
        case PictureFormat::pnm: return "PNM";
        case PictureFormat::tiff: return "TIFF";
        case PictureFormat::webp: return "WebP";
        case PictureFormat::heif: return "HEIC/AVIF";
        case PictureFormat::pdf: return "PDF";
        case PictureFormat::unknown: return "unknown";
    }
    return "unknown";
}

}  // namespace annotate_images
