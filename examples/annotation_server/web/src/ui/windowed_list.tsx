// SPDX-License-Identifier: BSL-1.0
import { useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { visibleRange } from './visible_range';

interface WindowedListProps<T> {
    items: readonly T[];
    keyOf(item: T): string | number;
    /** In rem, so that rows grow with the reader's font. */
    rowRem: number;
    label: string;
    render(item: T, index: number): ReactNode;
    /** Rows that are on the screen, whenever they change. */
    onRange?(first: number, end: number): void;
}

/**
 * A list of any length that keeps only the rows near the screen in the document. It scrolls with the page. A row that
 * has the focus stays, wherever the page is scrolled to, so that the keyboard does not lose its place.
 */
export function WindowedList<T>({ items, keyOf, rowRem, label, render, onRange }: WindowedListProps<T>) {
    const list = useRef<HTMLUListElement>(null);
    const [range, setRange] = useState({ first: 0, end: 24 });
    const [focused, setFocused] = useState<string | number>();
    const told = useRef(onRange);
    useLayoutEffect(() => {
        told.current = onRange;
    });

    useLayoutEffect(() => {
        let frame = 0;
        const measure = () => {
            frame = 0;
            const box = list.current?.getBoundingClientRect();
            if (!box) {
                return;
            }
            const next = visibleRange(-box.top, window.innerHeight, rowHeight(rowRem), items.length);
            setRange((now) => (now.first === next.first && now.end === next.end ? now : next));
            told.current?.(next.first, next.end);
        };
        const later = () => {
            frame ||= requestAnimationFrame(measure);
        };
        measure();
        window.addEventListener('scroll', later, { passive: true });
        window.addEventListener('resize', later);
        return () => {
            cancelAnimationFrame(frame);
            window.removeEventListener('scroll', later);
            window.removeEventListener('resize', later);
        };
    }, [items.length, rowRem]);

    const shown: number[] = [];
    for (let index = range.first; index < Math.min(range.end, items.length); index += 1) {
        shown.push(index);
    }
    if (focused !== undefined) {
        const at = items.findIndex((item) => keyOf(item) === focused);
        if (at >= 0 && at < range.first) {
            shown.unshift(at);
        } else if (at >= range.end) {
            shown.push(at);
        }
    }
    return (
        <ul
            ref={list}
            className="windowed"
            aria-label={label}
            style={{ height: `${items.length * rowRem}rem` }}
            onBlur={(event) => {
                if (!event.currentTarget.contains(event.relatedTarget)) {
                    setFocused(undefined);
                }
            }}
        >
            {shown.map((index) => {
                const item = items[index]!;
                const key = keyOf(item);
                return (
                    <li
                        key={key}
                        aria-setsize={items.length}
                        aria-posinset={index + 1}
                        style={{ transform: `translateY(${index * rowRem}rem)`, height: `${rowRem}rem` }}
                        onFocus={() => setFocused(key)}
                    >
                        {render(item, index)}
                    </li>
                );
            })}
        </ul>
    );
}

function rowHeight(rem: number): number {
    return rem * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
}
