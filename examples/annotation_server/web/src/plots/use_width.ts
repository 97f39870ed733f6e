// SPDX-License-Identifier: BSL-1.0
import { useLayoutEffect, useState, type RefObject } from 'react';

/** An element's width in pixels, as it changes. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
    const [width, setWidth] = useState(480);
    useLayoutEffect(() => {
        const watched = element.current;
        if (!watched || typeof ResizeObserver === 'undefined') {
            return undefined;
        }
        const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
        observer.observe(watched);
        return () => observer.disconnect();
    }, [element]);
    return width;
}
