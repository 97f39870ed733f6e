// SPDX-License-Identifier: BSL-1.0
import { describe, expect, it } from 'vitest';
import { mergeIds } from './merge_ids';
import { parseIds } from './parse_ids';
import { readFiles } from './read_files';

describe('a text of ids', () => {
    it('has one a line, whatever ends the line', () => {
        expect(parseIds('a.png\nb.png\r\n\r\n  c.png  \rd.png\n').ids).toEqual(['a.png', 'b.png', 'c.png', 'd.png']);
    });

    it('may be a JSON list', () => {
        expect(parseIds('["a, b.png", "c.png"]').ids).toEqual(['a, b.png', 'c.png']);
    });

    it('that begins like a JSON list and is none is lines', () => {
        expect(parseIds('[1] scan.png\n[2] scan.png').ids).toEqual(['[1] scan.png', '[2] scan.png']);
        expect(parseIds('[1, 2]').bad).toEqual([]);
    });

    it('of one line may have commas between them; of several, commas belong to the ids', () => {
        expect(parseIds('a.png, b.png,c.png').ids).toEqual(['a.png', 'b.png', 'c.png']);
        expect(parseIds('one, two.png\nthree.png').ids).toEqual(['one, two.png', 'three.png']);
    });

    it('loses quotes around an id, not in it', () => {
        expect(parseIds('"a.png"\nit\'s.png\n"\'').ids).toEqual(['a.png', "it's.png", '"\'']);
    });

    it('loses the mark that Windows writes first', () => {
        expect(parseIds('\uFEFFa.png\nb.png').ids).toEqual(['a.png', 'b.png']);
    });

    it('names lines that cannot be an id, as the reader counts them', () => {
        const long = 'é'.repeat(513);
        const { ids, bad } = parseIds(`\na.png\nb\tc.png\n${long}\n${'x'.repeat(1024)}`);
        expect(ids).toEqual(['a.png', 'x'.repeat(1024)]);
        expect(bad).toEqual([
            { line: 3, reason: 'has a control character' },
            { line: 4, reason: 'is longer than 1,024 bytes' },
        ]);
    });

    it('of nothing but blanks has none', () => {
        expect(parseIds(' \n\t\n')).toEqual({ ids: [], bad: [] });
    });

    it('of a hundred thousand lines is read at once', () => {
        const text = Array.from({ length: 100_000 }, (_, index) => `scans/${index}.png`).join('\n');
        expect(parseIds(text).ids).toHaveLength(100_000);
    });
});

describe('several lists', () => {
    it('become one, each id once, in order', () => {
        expect(mergeIds([['b', 'a'], ['c', 'a'], []])).toEqual({
            unique: ['b', 'a', 'c'],
            all: ['b', 'a', 'c', 'a'],
            duplicates: 1,
        });
    });
});

describe('dropped files', () => {
    const file = (name: string, content: string, type = '') =>
        // jsdom's files cannot be read as browsers' can.
        Object.assign(new File([content], name, { type }), { text: () => Promise.resolve(content) });

    it('are lists, each by its name', async () => {
        const lists = await readFiles([file('spring.txt', 'a.png\nb.png'), file('autumn.json', '["c.png"]')]);
        expect(lists.map(({ name, ids }) => [name, ids])).toEqual([
            ['spring.txt', ['a.png', 'b.png']],
            ['autumn.json', ['c.png']],
        ]);
    });

    it('that are pictures give their names, and are not read', async () => {
        const lists = await readFiles([file('cat.png', '\u0000', 'image/png'), file('DOG.JPG', '\u0000')]);
        expect(lists).toEqual([{ name: 'Names of pictures', ids: ['cat.png', 'DOG.JPG'], bad: [], names: true }]);
    });
});
