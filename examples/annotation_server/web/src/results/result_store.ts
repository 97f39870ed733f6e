// SPDX-License-Identifier: BSL-1.0
import { api, type ResultLine } from '../api';
import { Store } from '../app/store';
import type { Ending } from '../plots/bins';

const BLOCK = 50;
const KEEP = 80;
const PAGE = 500;
/** Of a job with more results than this before the page is opened, plots begin with the latest so many. */
const BACKLOG = 30_000;

export interface ResultsState {
    /** Lines that there are, whether they are here or not. */
    count: number;
    /** What plots are made of; grows in place, `version` tells when. */
    endings: readonly Ending[];
    /** Results before the first one of `endings`. */
    skipped: number;
    version: number;
    error?: unknown;
}

/**
 * The results of a job. All lines are read once, in order, for the plots, which need three numbers of each; whole lines
 * are kept in blocks, the latest used ones, and read again when somebody scrolls to them: a job may have 100,000.
 */
export class ResultStore {
    readonly state = new Store<ResultsState>({ count: 0, endings: [], skipped: 0, version: 0 });
    readonly #blocks = new Map<number, ResultLine[]>();
    readonly #asked = new Set<number>();
    readonly #endings: Ending[] = [];
    #ending = new AbortController();
    #cursor = 0;
    #skipped = 0;
    #count = 0;
    /** The opening that reads in order just now. */
    #reading: AbortController | undefined;

    constructor(readonly jobId: string) {}

    /** Reads from now on; after a close too. */
    open(): void {
        this.#ending = new AbortController();
    }

    close(): void {
        this.#ending.abort();
    }

    line(index: number): ResultLine | undefined {
        return this.#blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK];
    }

    /** So many items have ended. Reads what is new. */
    async grow(count: number): Promise<void> {
        if (count > this.#count) {
            this.#count = count;
            this.#tell();
        }
        const ending = this.#ending;
        if (this.#reading === ending || ending.signal.aborted) {
            return;
        }
        this.#reading = ending;
        try {
            if (this.#cursor === 0 && this.#count > BACKLOG) {
                this.#cursor = Math.floor((this.#count - BACKLOG) / BLOCK) * BLOCK;
                this.#skipped = this.#cursor;
            }
            while (this.#cursor < this.#count) {
                const lines = await this.#read(this.#cursor, PAGE);
                lines.forEach((line, index) => this.#keep(this.#cursor + index, line));
                this.#endings.push(
                    ...lines
                        .filter((line) => line.attempts > 0 && line.status !== 'cancelled')
                        .map((line) => ({
                            at: Date.parse(line.finishedAt),
                            durationMs: line.durationMs,
                            ok: line.status === 'successful',
                        })),
                );
                this.#cursor += lines.length;
                this.#count = Math.max(this.#count, this.#cursor);
                this.#tell();
                if (lines.length === 0) {
                    break;
                }
            }
        } catch (error) {
            this.#fail(error, ending);
        } finally {
            if (this.#reading === ending) {
                this.#reading = undefined;
            }
        }
    }

    /** Rows from `first` to `end` are looked at: reads those that are not here. */
    show(first: number, end: number): void {
        for (let block = Math.floor(first / BLOCK); block * BLOCK < Math.min(end, this.#count); block += 1) {
            const kept = this.#blocks.get(block);
            if (kept) {
                this.#blocks.delete(block);
                this.#blocks.set(block, kept);
            }
            const whole = Math.min(BLOCK, this.#count - block * BLOCK);
            // What the reading in order is about to bring need not be asked for.
            const coming = block * BLOCK >= this.#cursor - BLOCK && block * BLOCK < this.#cursor + PAGE;
            if ((kept?.length ?? 0) < whole && !coming && !this.#asked.has(block)) {
                void this.#readBlock(block);
            }
        }
    }

    async #readBlock(block: number): Promise<void> {
        const ending = this.#ending;
        this.#asked.add(block);
        try {
            const lines = await this.#read(block * BLOCK, BLOCK);
            lines.forEach((line, index) => this.#keep(block * BLOCK + index, line));
            this.#tell();
        } catch (error) {
            this.#fail(error, ending);
        } finally {
            this.#asked.delete(block);
        }
    }

    async #read(after: number, limit: number): Promise<ResultLine[]> {
        const lines: ResultLine[] = [];
        for await (const line of api.results(this.jobId, { after, limit, signal: this.#ending.signal })) {
            lines.push(line);
        }
        return lines;
    }

    #keep(index: number, line: ResultLine): void {
        const number = Math.floor(index / BLOCK);
        let block = this.#blocks.get(number);
        if (!block) {
            block = [];
            this.#blocks.set(number, block);
            const oldest = this.#blocks.keys().next().value;
            if (this.#blocks.size > KEEP && oldest !== undefined) {
                this.#blocks.delete(oldest);
            }
        }
        block[index % BLOCK] = line;
    }

    #tell(error?: unknown): void {
        const { version } = this.state.get();
        const next = { count: this.#count, endings: this.#endings, skipped: this.#skipped, version: version + 1 };
        this.state.set(error === undefined ? next : { ...next, error });
    }

    #fail(error: unknown, ending: AbortController): void {
        if (!ending.signal.aborted) {
            this.#tell(error);
        }
    }
}
