// SPDX-License-Identifier: BSL-1.0
import { useSyncExternalStore } from 'react';

/** A value that others watch. */
export class Store<T> {
    #value: T;
    readonly #watchers = new Set<() => void>();

    constructor(value: T) {
        this.#value = value;
    }

    readonly get = (): T => this.#value;

    set(value: T): void {
        if (!Object.is(value, this.#value)) {
            this.#value = value;
            this.#watchers.forEach((tell) => tell());
        }
    }

    /** Returns what ends it. */
    readonly watch = (tell: () => void): (() => void) => {
        this.#watchers.add(tell);
        return () => this.#watchers.delete(tell);
    };
}

/** The store's value, and a new rendering whenever it changes. */
export function useStore<T>(store: Store<T>): T {
    return useSyncExternalStore(store.watch, store.get);
}
