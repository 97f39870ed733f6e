// SPDX-License-Identifier: BSL-1.0
import { connection } from './connection';
import { sessionStore } from './session';

/**
 * Does something again and again for as long as somebody uses it: at once, then `interval()` milliseconds after it has
 * ended, but never for more than a fifth of the time. It rests while the server is lost, while a key is needed and
 * while nobody looks at the page, and begins at once when that is over.
 */
export class Poller {
    #users = 0;
    #timer: ReturnType<typeof setTimeout> | undefined;
    #running = false;
    #again = false;
    #unwatch: (() => void)[] = [];

    constructor(
        private readonly work: () => Promise<void>,
        private readonly interval: () => number,
    ) {}

    readonly use = (): (() => void) => {
        this.#users += 1;
        if (this.#users === 1) {
            const wake = () => void this.now();
            document.addEventListener('visibilitychange', wake);
            this.#unwatch = [
                connection.watch(wake),
                sessionStore.watch(wake),
                () => document.removeEventListener('visibilitychange', wake),
            ];
            void this.now();
        }
        return () => {
            this.#users -= 1;
            if (this.#users === 0) {
                clearTimeout(this.#timer);
                this.#unwatch.forEach((end) => end());
            }
        };
    };

    /** Not later, but now; once more after it where it is just being done. */
    async now(): Promise<void> {
        clearTimeout(this.#timer);
        if (this.#running) {
            this.#again = true;
            return;
        }
        if (!this.#ready()) {
            return;
        }
        this.#running = true;
        const began = performance.now();
        try {
            await this.work();
        } catch {
            // The connection knows, and says it; the next turn tries again.
        }
        this.#running = false;
        const wait = this.#again ? 0 : Math.max(this.interval(), 4 * (performance.now() - began));
        this.#again = false;
        if (this.#users > 0) {
            this.#timer = setTimeout(() => void this.now(), wait);
        }
    }

    #ready(): boolean {
        const { session } = sessionStore.get();
        return (
            this.#users > 0 &&
            session !== undefined &&
            !session.signInNeeded &&
            !connection.get().lost &&
            document.visibilityState !== 'hidden'
        );
    }
}
