// SPDX-License-Identifier: BSL-1.0
import type { WaitingFor } from '../api';

/** What a job waits for, in plain words. */
export interface WaitingWords {
    /** A sentence without its full stop. */
    what: string;
    /** What the reader may do or expect. */
    hint?: string;
    /** Milliseconds since 1970, where the clock decides. */
    until?: number;
    /** All is well: the job runs as wide as it may. */
    busy: boolean;
}

const WHOSE = { processor: 'the server’s', tenant: 'your', job: 'this batch’s own' } as const;

export function waitingWords(waiting: WaitingFor): WaitingWords {
    const words = sentence(waiting);
    return waiting.until === undefined ? words : { ...words, until: Date.parse(waiting.until) };
}

function sentence({ reason, scope }: WaitingFor): WaitingWords {
    switch (reason) {
        case 'rate':
            return { busy: false, what: `Waiting for ${WHOSE[scope]} limit of starts a minute` };
        case 'concurrency':
            return {
                busy: true,
                what: {
                    processor: 'Every place on the server is taken',
                    tenant: 'All of your places are taken',
                    job: 'Running as many at once as it may',
                }[scope],
                hint: 'The next item starts when one of those has ended.',
            };
        case 'backoff':
            return { busy: false, what: 'Resting before items that failed are tried again' };
        case 'paused':
            return {
                busy: false,
                what: scope === 'job' ? 'Paused' : 'The server is paused',
                hint: scope === 'job' ? 'Nothing starts until you resume it.' : 'Nothing starts until it goes on.',
            };
        case 'throttled':
            return { busy: false, what: 'The annotation service asked for a break' };
        case 'breaker':
            return {
                busy: false,
                what: 'Too many failures in a row: holding off',
                hint: 'One item is tried then, and the rest follow if it works.',
            };
        case 'abandoned':
            return {
                busy: false,
                what: 'Too many attempts never came back',
                hint: 'It goes on when some of them return.',
            };
        case 'source':
            return { busy: true, what: 'Waiting for the source to hand out more items' };
        case 'fairness':
            return { busy: true, what: 'Other batches are having their turn' };
        case 'store':
            return { busy: true, what: 'Waiting for the journal to be written' };
    }
}
