// SPDX-License-Identifier: BSL-1.0
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

/** "14:03:27", in the reader's time zone. */
export function clockTime(at: number): string {
    return clock.format(at);
}

/** Date and time, for a tooltip. */
export function fullTime(at: number): string {
    return full.format(at);
}

/** "just now", "5 min ago", "3 h ago", "24 Nov". */
export function ago(at: number, now: number): string {
    const minutes = Math.floor((now - at) / 60_000);
    if (minutes < 1) {
        return 'just now';
    }
    if (minutes < 60) {
        return `${minutes} min ago`;
    }
    return minutes < 24 * 60 ? `${Math.floor(minutes / 60)} h ago` : day.format(at);
}
