// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef, type ReactNode } from 'react';

let first = true;

/**
 * A view's h1. On a change of route it takes the focus, so that a screen reader says where one is, and Tab goes on from
 * there; not when the page is loaded, where the browser begins by itself.
 */
export function PageHeading({ title, children }: { title: string; children?: ReactNode }) {
    const heading = useRef<HTMLHeadingElement>(null);
    useEffect(() => {
        if (!first) {
            heading.current?.focus({ preventScroll: true });
        }
        first = false;
    }, []);
    useEffect(() => {
        document.title = `${title} · batchpace`;
    }, [title]);
    return (
        <h1 ref={heading} tabIndex={-1}>
            {children ?? title}
        </h1>
    );
}
