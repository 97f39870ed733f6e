// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef, type ReactNode } from 'react';

let first = true;

/**
 * A view's h1. On a change of route it takes the focus, so that a screen reader says where one is, and Tab goes on from
 * there; not when the page is loaded, where the browser begins by itself.
 * `tab` is what the browser's tab says, where that is more than the heading.
 */
export function PageHeading({ title, tab = title, children }: { title: string; tab?: string; children?: ReactNode }) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (!first) {
            heading.current?.focus({ preventScroll: true });
        }
        first = false;
    }, []);
    useEffect(() => {
        document.title = `${tab} · batchpace`;
    }, [tab]);
    return (
        <h1 ref={heading} tabIndex={-1}>
            {children ?? title}
        </h1>
    );
}
