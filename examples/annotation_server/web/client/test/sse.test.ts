// SPDX-License-Identifier: BSL-1.0
import { describe, expect, test } from 'vitest';

import { SseParser, type SseEvent } from '../src/sse.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function readIn(pieces: Uint8Array[]): { events: SseEvent[]; parser: SseParser } {
    const parser = new SseParser();
    return { events: pieces.flatMap((piece) => parser.feed(piece)), parser };
}

describe('The reader of event streams', () => {
    const text =
        '\uFEFFid: 7\nevent: progress\ndata: {"label":"Bär 🐻"}\n\n: heartbeat\n\n' +
        'event: milestone\ndata: one\ndata: two\ndata:\n\n' +
        'data:  two spaces, one is kept\nid: 8\n\n';
    const expected: SseEvent[] = [
        { name: 'progress', data: '{"label":"Bär 🐻"}' },
        { name: 'milestone', data: 'one\ntwo\n' },
        { name: 'message', data: ' two spaces, one is kept' },
    ];

    test.each([
        ['LF', '\n'],
        ['CRLF', '\r\n'],
        ['CR', '\r'],
    ])('reads the same events wherever the pieces are cut, with lines that end in %s', (_name, end) => {
        const all = bytes(text.replaceAll('\n', end));
        for (let cut = 0; cut <= all.length; cut += 1) {
            expect(readIn([all.slice(0, cut), all.slice(cut)]).events, `cut at ${cut}`).toEqual(expected);
        }
        const single = readIn(Array.from(all, (byte) => Uint8Array.of(byte)));
        expect(single.events).toEqual(expected);
        expect(single.parser.lastEventId).toBe('8');
    });

    test('takes no event and no id from a block that the end has cut off', () => {
        const { events, parser } = readIn([bytes('id: 1\ndata: a\n\nid: 2\ndata: b\n')]);
        expect(events).toEqual([{ name: 'message', data: 'a' }]);
        expect(parser.lastEventId).toBe('1');
    });

    test('keeps the id of a block without data, and of the connection before', () => {
        const parser = new SseParser('41');
        parser.feed(bytes('data: a\n\n'));
        expect(parser.lastEventId).toBe('41');
        expect(parser.feed(bytes('id: 42\n\n'))).toEqual([]);
        expect(parser.lastEventId).toBe('42');
    });

    test('ignores an id with a NUL, fields that it does not know, and a retry that is no number', () => {
        const { events, parser } = readIn([bytes('id: 4\0 2\nfoo: bar\nretry: soon\nretry: 250\ndata\n\n')]);
        expect(events).toEqual([{ name: 'message', data: '' }]);
        expect(parser.lastEventId).toBe('');
        expect(parser.retry).toBe(250);
    });
});
