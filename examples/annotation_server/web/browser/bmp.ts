// SPDX-License-Identifier: BSL-1.0

/** A picture of one colour, as a BMP file. */
export function bmp(width: number, height: number, [red, green, blue]: readonly [number, number, number]): Buffer {
    const row = Math.ceil((width * 3) / 4) * 4;
    const file = Buffer.alloc(54 + row * height);
    file.write('BM');
    file.writeUInt32LE(file.length, 2);
    file.writeUInt32LE(54, 10);
    file.writeUInt32LE(40, 14);
    file.writeInt32LE(width, 18);
    file.writeInt32LE(height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(24, 28);
    for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
            file.set([blue, green, red], 54 + y * row + x * 3);
        }
    }
    return file;
}
