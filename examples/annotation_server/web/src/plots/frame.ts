// SPDX-License-Identifier: BSL-1.0
/** Where things are in a plot of a given width, in pixels. */
export interface Frame {
    width: number;
    height: number;
    left: number;
    right: number;
    top: number;
    bottom: number;
    x(ms: number): number;
    y(value: number): number;
}

export function frame(width: number, height: number, spanMs: number, top: number): Frame {
    const edges = { left: 44, right: width - 8, top: 10, bottom: height - 24 };
    return {
        width,
        height,
        ...edges,
        x: (ms) => edges.left + (spanMs > 0 ? ms / spanMs : 0) * (edges.right - edges.left),
        y: (value) => edges.bottom - (top > 0 ? value / top : 0) * (edges.bottom - edges.top),
    };
}

/** A line through points, broken where there is none. */
export function linePath(points: readonly ([number, number] | undefined)[]): string {
    let path = '';
    let broken = true;
    for (const point of points) {
        if (point) {
            path += `${broken ? 'M' : 'L'}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
        }
        broken = !point;
    }
    return path;
}
