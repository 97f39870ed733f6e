// SPDX-License-Identifier: BSL-1.0
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { api, type ResultLine } from '../api';
import { annotationKind } from './annotation_kind';
import { AnnotationDetails } from './annotation_details';
import { AnnotationSummary } from './annotation_summary';
import { memberName } from './member_name';
import { pictureSource } from './picture_source';
import { ResultStore } from './result_store';

afterEach(cleanup);
afterEach(() => vi.restoreAllMocks());

const ocr = {
    format: 'PNG',
    width: 384,
    height: 191,
    text: 'Region-based\nsegmentation',
    words: [{ text: 'Region-based', confidence: 81.9, box: { x: 7, y: 13, width: 134, height: 20 } }],
    dominantColors: [{ color: '#dedede', share: 0.451 }],
    perceptualHash: '0c06a4cce1d4f0c9',
};

describe('an annotation', () => {
    it('is known by its shape', () => {
        expect(annotationKind(ocr).kind).toBe('ocr');
        expect(annotationKind(undefined).kind).toBe('none');
        expect(annotationKind({ found: 3 }).kind).toBe('other');
        expect(annotationKind('just text').kind).toBe('other');
    });

    it('has labels as a list of words, of objects, or one of its own', () => {
        expect(annotationKind({ labels: ['cat', 'dog'] })).toMatchObject({
            groups: [{ labels: [{ name: 'cat' }, { name: 'dog' }] }],
        });
        expect(
            annotationKind({ labelAnnotations: [{ description: 'Cat', score: 0.97, topicality: 0.9 }] }),
        ).toMatchObject({
            groups: [{ labels: [{ name: 'Cat', score: 0.97 }] }],
        });
        expect(annotationKind({ label: 'cat', confidence: 0.8, latencyMs: 20 })).toEqual({
            kind: 'labels',
            groups: [{ name: 'label', labels: [{ name: 'cat', score: 0.8 }] }],
            text: '',
            rest: [['latencyMs', 20]],
        });
    });

    it('of a vision service has several lists, text, and more', () => {
        const value = {
            labels: [{ description: 'Street', score: 0.9 }],
            landmarks: [{ description: 'Town hall', score: 0.7 }],
            safeSearch: { adult: 'UNLIKELY' },
            text: 'STOP',
        };
        expect(annotationKind(value)).toMatchObject({
            kind: 'labels',
            text: 'STOP',
            rest: [['safeSearch', { adult: 'UNLIKELY' }]],
        });
        render(<AnnotationDetails value={value} />);
        for (const text of ['Landmarks', 'Town hall', '70 %', 'STOP', 'UNLIKELY']) {
            expect(screen.getByText(text)).toBeTruthy();
        }
    });

    it('with a list that is no list of labels is shown as it is', () => {
        expect(annotationKind({ boxes: [[1, 2]], tags: [] }).kind).toBe('other');
    });

    it('of the ocr kind shows text, colours, size and hash', () => {
        render(<AnnotationDetails value={ocr} />);
        expect(screen.getByLabelText('Text that was read').textContent).toBe(ocr.text);
        for (const text of [
            '#dedede',
            '45 %',
            '384 × 191 pixels',
            '0c06a4cce1d4f0c9',
            '1 word, 82 % sure on average',
        ]) {
            expect(screen.getByText(text)).toBeTruthy();
        }
    });

    it('of an unknown kind is readable', () => {
        render(
            <AnnotationDetails
                value={{ safeSearch: { adult: 'UNLIKELY' }, faces: [{ joy: true }, { joy: false }], note: null }}
            />,
        );
        for (const text of ['Safe search', 'UNLIKELY', 'Faces', 'yes', 'no', 'none']) {
            expect(screen.getByText(text)).toBeTruthy();
        }
    });

    it('without text says so in a list', () => {
        render(<AnnotationSummary value={{ ...ocr, text: ' \n' }} />);
        expect(screen.getByText('No text found')).toBeTruthy();
    });
});

describe('names of members', () => {
    it('are written as people write', () => {
        expect(['latencyMs', 'safe_search', 'URL', 'boundingPoly2'].map(memberName)).toEqual([
            'Latency ms',
            'Safe search',
            'Url',
            'Bounding poly2',
        ]);
    });
});

describe('a picture', () => {
    it('is the server’s by its id, with everything escaped', () => {
        expect(pictureSource('scans/17 #1.jpg', true)).toEqual({
            url: '/pictures/scans%2F17%20%231.jpg',
            remote: false,
        });
    });

    it('of an https id is where that says; others say why there is none', () => {
        expect(pictureSource('https://example.org/a.jpg', false)).toEqual({
            url: 'https://example.org/a.jpg',
            remote: true,
        });
        for (const id of ['http://example.org/a.jpg', 'gs://bucket/a.jpg']) {
            expect(pictureSource(id, true)).toHaveProperty('missing');
        }
        expect(pictureSource('a.jpg', false)).toEqual({ missing: 'This server keeps no pictures' });
    });
});

describe('the store of results', () => {
    const line = (index: number): ResultLine => ({
        itemId: `item-${index}`,
        status: index % 10 === 9 ? 'failed' : 'successful',
        attempts: 1,
        durationMs: index,
        finishedAt: '2026-01-02T03:04:06.001Z',
    });
    const asked: [number, number][] = [];
    const serve = (total: () => number) => {
        asked.length = 0;
        vi.spyOn(api, 'results').mockImplementation(async function* (_id, { after = 0, limit = Infinity } = {}) {
            asked.push([after, limit]);
            for (let index = after; index < Math.min(total(), after + limit); index += 1) {
                yield line(index);
            }
        });
    };
    const settled = () => new Promise((done) => setTimeout(done, 20));

    it('reads what is new, each line once', async () => {
        let total = 30;
        serve(() => total);
        const store = new ResultStore('job');
        await store.grow(30);
        total = 70;
        await store.grow(70);
        expect(asked).toEqual([
            [0, 500],
            [30, 500],
        ]);
        expect(store.state.get()).toMatchObject({ count: 70, skipped: 0 });
        expect(store.state.get().endings).toHaveLength(70);
        expect(store.line(69)?.itemId).toBe('item-69');
    });

    it('keeps a bounded number of lines, and reads others again when somebody looks', async () => {
        serve(() => 10_000);
        const store = new ResultStore('job');
        await store.grow(10_000);
        expect(store.state.get().endings).toHaveLength(10_000);
        expect(store.line(9999)?.itemId).toBe('item-9999');
        expect(store.line(3)).toBeUndefined();
        asked.length = 0;
        store.show(0, 20);
        store.show(0, 20);
        await settled();
        expect(asked).toEqual([[0, 50]]);
        expect(store.line(3)?.itemId).toBe('item-3');
    });

    it('of a very long job begins its plots late, but has every line', async () => {
        serve(() => 100_000);
        const store = new ResultStore('job');
        await store.grow(100_000);
        expect(store.state.get()).toMatchObject({ count: 100_000, skipped: 70_000 });
        store.show(0, 10);
        await settled();
        expect(store.line(9)?.status).toBe('failed');
    });

    it('says what went wrong, and goes on from there', async () => {
        serve(() => 10);
        const store = new ResultStore('job');
        vi.spyOn(api, 'results').mockImplementationOnce(() => {
            throw new Error('no');
        });
        await store.grow(10);
        expect(store.state.get().error).toBeInstanceOf(Error);
        await store.grow(10);
        expect(store.state.get().error).toBeUndefined();
        expect(store.state.get().endings).toHaveLength(10);
    });
});
