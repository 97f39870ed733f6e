// SPDX-License-Identifier: BSL-1.0
export interface Range {
    first: number;
    /** One past the last. */
    end: number;
}

/**
 * Which rows to keep in the document: those in a view of `height` pixels that begins `offset` pixels into the list, and
 * half a view more on either side. Rounded to blocks of four, so that a scroll by a few pixels changes nothing.
 */
export function visibleRange(offset: number, height: number, rowHeight: number, rows: number): Range {
    const margin = height / 2;
    const first = Math.floor(Math.max(0, offset - margin) / rowHeight / 4) * 4;
    const end = Math.ceil(Math.max(0, offset + height + margin) / rowHeight / 4) * 4;
    return { first: Math.min(first, rows), end: Math.min(end, rows) };
}
