// SPDX-License-Identifier: BSL-1.0
const whole = new Intl.NumberFormat('en');

/** 12345 → "12,345". */
export function count(value: number): string {
    return whole.format(value);
}

/** 1, "item" → "1 item"; 3, "item" → "3 items"; 2, "batch", "batches" → "2 batches". */
export function counted(value: number, one: string, many = `${one}s`): string {
    return `${count(value)} ${value === 1 ? one : many}`;
}

/** A pace that changes by the second: three figures at the most, so that it does not dance. */
export function perMinute(value: number): string {
    if (value >= 100) {
        return count(Math.round(value));
    }
    return value >= 10 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, '');
}

/** 0.4512 → "45 %"; something below one percent is not nothing. */
export function percent(share: number): string {
    const value = share * 100;
    return value > 0 && value < 1 ? '< 1 %' : `${Math.round(value)} %`;
}
