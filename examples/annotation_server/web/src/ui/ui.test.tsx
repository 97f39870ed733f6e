// SPDX-License-Identifier: BSL-1.0
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Button } from './button';
import { visibleRange } from './visible_range';
import { wholeNumber } from './whole_number';
import { WindowedList } from './windowed_list';

afterEach(cleanup);

describe('the visible part of a list', () => {
    it('has half a view more on either side, in blocks of four', () => {
        expect(visibleRange(10_000, 800, 80, 1000)).toEqual({ first: 120, end: 140 });
    });

    it('begins and ends with the list', () => {
        expect(visibleRange(-5000, 800, 80, 1000)).toEqual({ first: 0, end: 0 });
        expect(visibleRange(0, 800, 80, 3)).toEqual({ first: 0, end: 3 });
        expect(visibleRange(99_000, 800, 80, 1000)).toEqual({ first: 1000, end: 1000 });
    });
});

describe('a windowed list', () => {
    const items = Array.from({ length: 1000 }, (_, index) => `row ${index}`);
    const list = (rows: readonly string[]) => (
        <WindowedList
            items={rows}
            keyOf={(item) => item}
            rowRem={5}
            label="Rows"
            render={(item) => <button>{item}</button>}
        />
    );

    it('has some rows in the document, and tells of all', () => {
        render(list(items));
        const rows = screen.getAllByRole('listitem');
        expect(rows.length).toBeLessThan(60);
        expect(rows[0]!.getAttribute('aria-setsize')).toBe('1000');
        expect(rows[2]!.getAttribute('aria-posinset')).toBe('3');
        expect(screen.getByRole('list').style.height).toBe('5000rem');
    });

    it('keeps the row that has the focus, wherever it goes', () => {
        const { rerender } = render(list(items));
        screen.getByText('row 1').focus();
        const others = Array.from({ length: 500 }, (_, index) => `new ${index}`);
        rerender(list([...others, ...items]));
        expect(document.activeElement?.textContent).toBe('row 1');
    });
});

describe('a button', () => {
    it('that cannot be used keeps its place in the order of Tab, and does nothing', () => {
        const press = vi.fn();
        render(
            <Button aria-disabled onClick={press}>
                Start
            </Button>,
        );
        const button = screen.getByRole('button');
        fireEvent.click(button);
        expect(press).not.toHaveBeenCalled();
        expect(button.getAttribute('aria-disabled')).toBe('true');
        expect(button.hasAttribute('disabled')).toBe(false);
    });
});

describe('a whole number', () => {
    it('is nothing, a number, or wrong', () => {
        expect(wholeNumber('  ', 1, 10)).toEqual({});
        expect([' 7 ', '1', '10'].map((text) => wholeNumber(text, 1, 10))).toEqual([
            { value: 7 },
            { value: 1 },
            { value: 10 },
        ]);
        for (const text of ['0', '11', '1.5', '-1', '1e3', 'ten', '٣']) {
            expect(wholeNumber(text, 1, 10).error, text).toBe('A whole number, from 1 to 10');
        }
        expect(wholeNumber('0', 1, 2_147_483_647).error).toBe('A whole number, 1 or more');
    });
});
