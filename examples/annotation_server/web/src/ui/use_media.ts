// SPDX-License-Identifier: BSL-1.0
import { useSyncExternalStore } from 'react';

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
    return useSyncExternalStore(
        (tell) => {
            const list = window.matchMedia?.(query);
            list?.addEventListener('change', tell);
            return () => list?.removeEventListener('change', tell);
        },
        () => window.matchMedia?.(query).matches ?? false,
    );
}

export const NARROW = '(max-width: 40rem)';
