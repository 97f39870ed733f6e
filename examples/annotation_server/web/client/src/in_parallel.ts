// SPDX-License-Identifier: BSL-1.0
import { linkedTo } from './abort.js';

/**
 * Does `work` for each element, at most `width` at once. The first failure ends the others' work through the signal
 * that each is given, and is what this fails with, when all of them have ended.
 */
export async function inParallel<Element, Result>(
    elements: readonly Element[],
    width: number,
    signal: AbortSignal | undefined,
    work: (element: Element, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
    const { controller, release } = linkedTo(signal);
    const results: Result[] = [];
    let next = 0;
    let failure: { error: unknown } | undefined;
    const worker = async (): Promise<void> => {
        while (next < elements.length && failure === undefined) {
            const index = next;
            next += 1;
            try {
                results[index] = await work(elements[index] as Element, index, controller.signal);
            } catch (error) {
                failure ??= { error };
                controller.abort(error);
            }
        }
    };
    try {
        await Promise.all(Array.from({ length: Math.min(Math.max(1, width), elements.length) }, worker));
    } finally {
        release();
    }
    if (signal?.aborted) throw signal.reason;
    if (failure !== undefined) throw failure.error;
    return results;
}
