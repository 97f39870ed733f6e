// SPDX-License-Identifier: BSL-1.0

export interface SseEvent {
    name: string;
    data: string;
}

/**
 * Reads text/event-stream as the HTML standard says, wherever its pieces are cut. Not an EventSource, because that can
 * send no key.
 */
export class SseParser {
    /** The id of the last event that was complete; what to send as Last-Event-ID. */
    lastEventId: string;
    /** Milliseconds to wait before coming back, where the server has said so. */
    retry: number | undefined;

    readonly #decoder = new TextDecoder();
    #rest = '';
    #afterCr = false;
    #name = '';
    #data: string[] = [];
    #id: string;

    /** `lastEventId` is that of the connection before, if there was one. */
    constructor(lastEventId = '') {
        this.lastEventId = lastEventId;
        this.#id = lastEventId;
    }

    /** The events that the piece completes. A comment completes none. */
    feed(piece: Uint8Array): SseEvent[] {
        let text = this.#decoder.decode(piece, { stream: true });
        // A CR that ended the piece before was a line's end already; this LF belongs to it.
        if (this.#afterCr && text.length > 0) {
            if (text.startsWith('\n')) text = text.slice(1);
            this.#afterCr = false;
        }
        if (text.endsWith('\r')) this.#afterCr = true;
        const lines = (this.#rest + text).split(/\r\n|\n|\r/);
        this.#rest = lines.pop() ?? '';
        const events: SseEvent[] = [];
        for (const line of lines) {
            const event = this.#line(line);
            if (event !== undefined) events.push(event);
        }
        return events;
    }

    #line(line: string): SseEvent | undefined {
        if (line === '') return this.#dispatch();
        const colon = line.indexOf(':');
        if (colon === 0) return undefined;
        const field = colon < 0 ? line : line.slice(0, colon);
        let value = colon < 0 ? '' : line.slice(colon + 1);
        if (value.startsWith(' ')) value = value.slice(1);
        if (field === 'event') this.#name = value;
        else if (field === 'data') this.#data.push(value);
        else if (field === 'id' && !value.includes('\0')) this.#id = value;
        else if (field === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
        return undefined;
    }

    #dispatch(): SseEvent | undefined {
        this.lastEventId = this.#id;
        const event = { name: this.#name === '' ? 'message' : this.#name, data: this.#data.join('\n') };
        const empty = this.#data.length === 0;
        this.#name = '';
        this.#data = [];
        return empty ? undefined : event;
    }
}
