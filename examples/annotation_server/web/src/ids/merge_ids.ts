// SPDX-License-Identifier: BSL-1.0
/** Several lists as one, in order. */
export interface MergedIds {
    /** Each id once. */
    unique: string[];
    /** As they were given. */
    all: string[];
    /** How many of `all` are there again. */
    duplicates: number;
}

export function mergeIds(lists: readonly (readonly string[])[]): MergedIds {
    const all = lists.flat();
    const unique = [...new Set(all)];
    return { unique, all, duplicates: all.length - unique.length };
}
