// SPDX-License-Identifier: BSL-1.0
import { Store } from './store';

export interface Notice {
    /** A later notice with the same key takes the place of the earlier one. */
    key: string;
    tone: 'plain' | 'good' | 'bad';
    title: string;
    text?: string;
    href?: string;
    /** Stays until it is dismissed. */
    stays?: boolean;
    /** Changes whenever the notice does, so that its time begins anew. */
    stamp: number;
}

export const notices = new Store<readonly Notice[]>([]);

const MOST = 3;
let stamp = 0;

export function notify(notice: Omit<Notice, 'stamp'>): void {
    stamp += 1;
    const others = notices.get().filter((one) => one.key !== notice.key);
    notices.set([...others, { ...notice, stamp }].slice(-MOST));
}

export function dismiss(key: string): void {
    notices.set(notices.get().filter((one) => one.key !== key));
}
