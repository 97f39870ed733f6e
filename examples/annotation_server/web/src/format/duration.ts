// SPDX-License-Identifier: BSL-1.0
/** How long, for people, in at most two units: 350 ms, 2.4 s, 1 min 20 s, 3 h 5 min, 2 d 4 h. */
export function duration(ms: number): string {
    if (ms < 1000) {
        return `${Math.round(ms)} ms`;
    }
    if (ms < 9_950) {
        return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
    }
    return wholeSeconds(Math.round(ms / 1000));
}

/** The same where there is little room: "< 5 s", "~ 40 s", "~ 4 min". */
export function aboutShort(ms: number): string {
    return about(ms)
        .replace('a few seconds', '< 5 s')
        .replace('about a minute', '~ 1 min')
        .replace('about', '~')
        .replace('seconds', 's')
        .replace('minutes', 'min')
        .replace('hours', 'h');
}

/** As a countdown says it: whole seconds, rounded up, so that it never says 0 before the time has come. */
export function countdown(ms: number): string {
    return wholeSeconds(Math.max(0, Math.ceil(ms / 1000)));
}

/** A guess of the future, no more exact than it can be: "a few seconds", "about 40 seconds", "about 4 minutes". */
export function about(ms: number): string {
    const seconds = ms / 1000;
    if (seconds < 5) {
        return 'a few seconds';
    }
    if (seconds <= 55) {
        return `about ${Math.ceil(seconds / 5) * 5} seconds`;
    }
    const minutes = seconds / 60;
    if (minutes < 1.5) {
        return 'about a minute';
    }
    if (minutes < 90) {
        const rounded = minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5;
        return `about ${rounded} minutes`;
    }
    const hours = minutes / 60;
    if (hours < 36) {
        const rounded = hours < 10 ? Math.round(hours * 2) / 2 : Math.round(hours);
        return `about ${String(rounded).replace('.5', '½')} hours`;
    }
    return `about ${Math.round(hours / 24)} days`;
}

function wholeSeconds(seconds: number): string {
    if (seconds < 60) {
        return `${seconds} s`;
    }
    if (seconds < 3600) {
        return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
    }
    if (seconds < 86_400) {
        return two(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min');
    }
    return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h');
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
    return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
}
