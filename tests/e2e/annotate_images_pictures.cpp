// SPDX-License-Identifier: BSL-1.0
// Makes the pictures that annotate_images.sh cannot make by printf, in the folder that is named:
//   page-1.png … page-6.png  a line of known words each
//   turned-1.jpg … -3.jpg    a line of known words, so many quarters clockwise
//   plain.bmp                a line of words, not compressed
//   dense.png                more words than can be read in a moment
//   bomb.png                 a real picture of 30,000 x 30,000 pixels in a small file
#include <allheaders.h>
#include <cstdio>
#include <string>

namespace {

/// Lines of the same words. Leptonica has letters of its own, as large as on a scanned page.
Pix* make_page(std::string const& words, int lines) {
    Pix* page = pixCreate(900, 60 + 60 * lines, 8);
    pixSetAll(page);
    L_Bmf* font = bmfCreate(nullptr, 20);
    l_int32 width = 0, overflow = 0;
    for (int line = 1; line <= lines; ++line) {
        pixSetTextline(page, font, words.c_str(), 0, 70, 15 + 60 * line, &width, &overflow);
    }
    bmfDestroy(&font);
    return page;
}

/// Takes the picture.
bool write(std::string const& path, Pix* picture, l_int32 format = IFF_PNG) {
    bool const written = picture != nullptr && pixWrite(path.c_str(), picture, format) == 0;
    pixDestroy(&picture);
    return written;
}

bool write_turned(std::string const& path, int quarters) {
    Pix* page = make_page("Turned upright", 1);
    Pix* turned = pixRotateOrth(page, quarters);
    pixDestroy(&page);
    return write(path, turned, IFF_JFIF_JPEG);
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: annotate_images_pictures FOLDER\n", stderr);
        return 2;
    }
    std::string const folder = std::string{arguments[1]} + '/';
    bool written = write(folder + "bomb.png", pixCreate(30'000, 30'000, 1)) &&
                   write(folder + "plain.bmp", make_page("Not compressed", 1), IFF_BMP) &&
                   write(folder + "dense.png", make_page("so many words here", 400));
    for (int quarters = 1; quarters <= 3; ++quarters) {
        written = write_turned(folder + "turned-" + std::to_string(quarters) + ".jpg", quarters) && written;
    }
    for (int page = 1; page <= 6; ++page) {
        auto const number = std::to_string(page);
        written = write(folder + "page-" + number + ".png", make_page("Invoice number " + number + "04", 1)) && written;
    }
    return written ? 0 : 1;
}
