// SPDX-License-Identifier: BSL-1.0
import type { Estimate } from '../api';
import { count, counted } from './count';
import { about } from './duration';

/** What the reader asks for beyond what the server's estimate knows of. */
export interface OwnLimits {
    concurrency?: number | undefined;
    rateLimitPerMinute?: number | undefined;
}

/**
 * "about 4 minutes at 10 a minute, 2 at once". The server estimates with its own limits; a limit of the batch's own
 * that is lower is reckoned in here.
 */
export function estimateWords(estimate: Estimate, own: OwnLimits = {}): string {
    const rate = smaller(estimate.rateLimitPerMinute ?? undefined, own.rateLimitPerMinute);
    const wide = smaller(estimate.concurrency || undefined, own.concurrency);
    const time = minutes(estimate, own);
    const pace = [
        rate === undefined ? '' : `at ${count(rate)} a minute`,
        wide === undefined ? '' : `${count(wide)} at once`,
    ]
        .filter(Boolean)
        .join(', ');
    if (time === undefined) {
        return pace === '' ? 'No estimate yet' : `No estimate yet; ${pace}`;
    }
    return pace === '' ? about(time * 60_000) : `${about(time * 60_000)} ${rate === undefined ? 'with ' : ''}${pace}`;
}

/** Minutes, or undefined where nothing bounds it. */
export function minutes(estimate: Estimate, own: OwnLimits = {}): number | undefined {
    let time = estimate.minutes ?? undefined;
    if (time !== undefined && own.concurrency !== undefined && own.concurrency < estimate.concurrency) {
        const limited = estimate.rateLimitPerMinute ? estimate.calls / estimate.rateLimitPerMinute : 0;
        // Where the limit of starts binds, fewer at once change nothing; else it takes that much longer.
        time = limited >= time * 0.9 ? time : (time * estimate.concurrency) / own.concurrency;
    }
    if (own.rateLimitPerMinute !== undefined) {
        // The first minute's worth starts at once, so n calls take one window less than n / rate, rounded up.
        time = Math.max(time ?? 0, Math.floor(Math.max(0, estimate.calls - 1) / own.rateLimitPerMinute));
    }
    return time;
}

/** Why there is none, or that retries are in it. */
export function estimateHint(estimate: Estimate, items: number): string | undefined {
    if (estimate.minutes === null) {
        return 'The server has not annotated anything yet, so it cannot know how long one takes.';
    }
    const retries = estimate.calls - items;
    return retries > 0
        ? `With ${counted(retries, 'retry', 'retries')}, as many as calls so far have needed.`
        : undefined;
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
    return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}
