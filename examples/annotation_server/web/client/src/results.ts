// SPDX-License-Identifier: BSL-1.0
import { sleep } from './abort.js';
import { Backoff } from './backoff.js';
import { isFinal, type JobStatus, type ResultLine } from './contract.js';
import { BatchError } from './errors.js';
import type { Http } from './http.js';
import { linesOf } from './lines.js';
import type { ResultsOptions, Timing } from './options.js';

/**
 * The results of a job, as they come. A connection that breaks is made again, at the line where it broke: each line
 * comes once. Whoever reads slowly slows the sending down, and nothing is heaped up.
 */
export async function* readResults(
    http: Http,
    jobId: string,
    timing: Timing,
    { after = 0, limit = Infinity, follow = false, signal }: ResultsOptions,
): AsyncGenerator<ResultLine, void, void> {
    const path = `/${encodeURIComponent(jobId)}`;
    const backoff = new Backoff(timing);
    let next = after;
    let left = limit;
    // Lines that exist for certain. A server that stops ends its answers early, and nothing in them tells.
    let promised = 0;
    let hasFinished = false;
    while (left > 0) {
        const before = next;
        let failure: BatchError | undefined;
        try {
            const job = await http.json<JobStatus>('GET', `${path}/status`, { query: { errors: 0 }, signal });
            hasFinished = isFinal(job.status);
            // Without `follow` it is the lines that there were when it began.
            if (follow || next === after) promised = job.progress.processed + job.cancelled;
            if (next >= promised && (hasFinished || !follow)) return;
            const query = { after: next, limit: left === Infinity ? undefined : left, follow: follow || undefined };
            const answer = await http.open(`${path}/results`, { accept: 'application/x-ndjson', query, signal });
            try {
                const from = Number(answer.headers.get('Results-From') ?? next);
                if (Number.isFinite(from)) next = Math.max(next, from);
                for await (const line of linesOf(answer.pieces)) {
                    const result = lineOf(line);
                    next += 1;
                    left -= 1;
                    yield result;
                    if (left <= 0) return;
                }
            } finally {
                answer.close();
            }
        } catch (error) {
            if (signal?.aborted) throw signal.reason;
            if (!(error instanceof BatchError) || !error.mayPass) throw error;
            failure = error;
        }
        if (next > before) backoff.reset();
        if (failure === undefined) {
            if (!follow && next >= promised) return;
            if (next > before) continue;
            // Ended in order without a line, again and again: the server does not keep what it had promised.
            if ((hasFinished || !follow) && backoff.failures >= 3) return;
        }
        await sleep(backoff.next(failure?.retryAfter), signal);
    }
}

function lineOf(line: string): ResultLine {
    try {
        return JSON.parse(line) as ResultLine;
    } catch (cause) {
        throw new BatchError({ status: 200, title: 'A result cannot be read', detail: line.slice(0, 200), cause });
    }
}
