// SPDX-License-Identifier: BSL-1.0
import { linkedTo } from './abort.js';
import type { JobEvents } from './contract.js';
import { BatchError } from './errors.js';
import type { Http } from './http.js';
import type { Timing } from './options.js';
import { SseParser } from './sse.js';

export type JobEvent = { [Name in keyof JobEvents]: { name: Name; data: JobEvents[Name] } }[keyof JobEvents];

/** Where a stream was left, for the next one to go on from. */
export interface Place {
    lastEventId: string;
    /** Milliseconds that the server wants its clients to wait before they come back. */
    retry: number;
}

/**
 * One connection to the events of a job. Gives each event to `hear`; `opened` is called when the stream is known to
 * work. Returns when the server has ended it: 'over' when there is nothing to come back for. `place` is kept up to
 * date.
 */
export async function readEvents(
    http: Http,
    jobId: string,
    place: Place,
    timing: Timing,
    signal: AbortSignal,
    opened: () => void,
    hear: (event: JobEvent) => void,
): Promise<'over' | 'ended'> {
    const { controller, release } = linkedTo(signal);
    const resumed = place.lastEventId !== '';
    let watchdog: ReturnType<typeof setTimeout> | undefined;
    let silent = 0;
    const within = (milliseconds: number): void => {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => {
            silent = milliseconds;
            controller.abort();
        }, milliseconds);
    };
    try {
        // A resumed stream has nothing to say where nothing has changed; another one begins with the job as it is.
        // Where it does not, something on the way holds the events back.
        within(timing.firstEvent);
        const answer = await http.open(`/${encodeURIComponent(jobId)}/events`, {
            accept: 'text/event-stream',
            headers: resumed ? { 'Last-Event-ID': place.lastEventId } : {},
            signal: controller.signal,
        });
        try {
            if (answer.status === 204) return 'over';
            const type = answer.headers.get('Content-Type') ?? '';
            if (!/^text\/event-stream\b/i.test(type)) {
                throw new BatchError({ status: answer.status, title: 'The answer is no event stream', detail: type });
            }
            let heard = resumed;
            if (resumed) {
                opened();
                within(timing.silence);
            }
            const parser = new SseParser(place.lastEventId);
            for await (const piece of answer.pieces) {
                const events = parser.feed(piece);
                if (events.length > 0 && !heard) {
                    heard = true;
                    opened();
                }
                if (heard) within(timing.silence);
                for (const { name, data } of events) {
                    const event = eventOf(name, data);
                    if (event !== undefined) hear(event);
                    if (event?.name === 'finished') return 'over';
                    if (event?.name === 'closing') return 'ended';
                }
                // Only now: had `hear` thrown, the events would have to come again.
                place.lastEventId = parser.lastEventId;
                place.retry = parser.retry ?? place.retry;
            }
            return 'ended';
        } finally {
            answer.close();
        }
    } catch (error) {
        if (silent > 0 && !signal.aborted) {
            const detail = `nothing was heard for ${silent / 1000} s`;
            throw new BatchError({ status: 0, title: 'The event stream is silent', detail });
        }
        throw error;
    } finally {
        clearTimeout(watchdog);
        release();
    }
}

function eventOf(name: string, data: string): JobEvent | undefined {
    switch (name) {
        case 'progress':
        case 'finished':
        case 'milestone':
        case 'closing':
            try {
                return { name, data: JSON.parse(data) } as JobEvent;
            } catch (cause) {
                throw new BatchError({ status: 0, title: 'The event stream cannot be read', cause });
            }
        default:
            // A later version of the API may have more of them.
            return undefined;
    }
}
