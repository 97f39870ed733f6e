// SPDX-License-Identifier: BSL-1.0
/** 812 B, 4.2 kB, 1.7 MB. */
export function bytes(value: number): string {
    if (value < 1000) {
        return `${value} B`;
    }
    const [scaled, unit] = value < 999_500 ? [value / 1000, 'kB'] : [value / 1e6, 'MB'];
    return `${scaled < 10 ? scaled.toFixed(1) : scaled.toFixed(0)} ${unit}`;
}
