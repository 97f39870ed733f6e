// SPDX-License-Identifier: BSL-1.0

/**
 * Calls `back` when the browser has a network again or the page is looked at again: moments at which waiting for the
 * end of a long back-off would be silly. The returned function ends that. Without a page it does nothing.
 */
export function onReturn(back: () => void): () => void {
    if (typeof window === 'undefined' || typeof document === 'undefined') return () => {};
    const seen = (): void => {
        if (document.visibilityState === 'visible') back();
    };
    window.addEventListener('online', back);
    document.addEventListener('visibilitychange', seen);
    return () => {
        window.removeEventListener('online', back);
        document.removeEventListener('visibilitychange', seen);
    };
}

/** Calls `away` when nobody has looked at the page for so many milliseconds. The returned function ends that. */
export function onAway(milliseconds: number, away: () => void): () => void {
    if (typeof document === 'undefined') return () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
        clearTimeout(timer);
        if (document.visibilityState === 'hidden') timer = setTimeout(away, milliseconds);
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
        clearTimeout(timer);
        document.removeEventListener('visibilitychange', look);
    };
}
