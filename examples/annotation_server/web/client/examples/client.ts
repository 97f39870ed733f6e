// SPDX-License-Identifier: BSL-1.0
// The examples of README.md: it takes each of them from here, and `npm run check` compiles them.
import { writeFile } from 'node:fs/promises';

// [make]
import { BatchClient, BatchError } from 'batchpace-client';

const client = new BatchClient({
    baseUrl: 'https://annotations.example.com', // left out: the page's own origin
    key: process.env['BATCHPACE_KEY'], // left out: no key is sent
});
// [/make]

export async function start(imageIds: string[]): Promise<string> {
    // [startBatch]
    const { jobId, total } = await client.startBatch(imageIds, {
        label: 'Holiday pictures',
        concurrency: 8,
        rateLimitPerMinute: 120,
        idempotencyKey: 'upload-2026-01-02', // a start that is sent twice makes one job
    });
    console.log(`${total} images in job ${jobId}`);
    // [/startBatch]
    return jobId;
}

export async function watch(jobId: string, stop: AbortController): Promise<void> {
    // [monitor]
    const job = await client.monitor(jobId, {
        onProgress: ({ progress, waitingFor }) => {
            console.log(`${progress.processed} of ${progress.total}`, waitingFor?.reason ?? '');
        },
        onMilestone: ({ percentage }) => console.log(`${percentage} % done`),
        onTransport: (transport, error) => console.log(`by ${transport}`, error?.message ?? ''),
        signal: stop.signal, // ends the watching, not the job
    });
    console.log(job.status, job.progress.failed, job.errors[0]?.error);
    // [/monitor]
}

export function watchWithoutPromise(jobId: string): () => void {
    // [watch]
    const leave = client.watch(jobId, {
        onProgress: (job) => console.log(job.progress.percentage),
        onFinished: (job) => console.log(job.status),
        onError: (error) => console.error(error),
    });
    // [/watch]
    return leave;
}

export async function many(jobIds: string[]): Promise<void> {
    // [monitorMany]
    const jobs = await client.monitorMany(jobIds, {
        onProgress: (total, each) => {
            const slowest = each.reduce((a, b) => (a.processed / a.total < b.processed / b.total ? a : b));
            console.log(`${total.finished} of ${total.jobs} jobs have finished; ${slowest.jobId} is the slowest`);
        },
        pollInterval: 5_000,
    });
    console.log(jobs.filter(({ status }) => status === 'failed').length);
    // [/monitorMany]
}

export async function large(imageIds: string[]): Promise<void> {
    // [processLargeBatch]
    const result = await client.processLargeBatch(imageIds, {
        chunkSize: 5_000, // images of one job
        jobsAtOnce: 3,
        start: { concurrency: 10 },
        onStart: ({ jobId }, chunk) => console.log(`chunk ${chunk} is job ${jobId}`),
        onProgress: ({ processed, total }) => console.log(`${processed} of ${total}`),
    });
    console.log(result.successful, result.failed, result.errorDistribution);
    // [/processLargeBatch]
}

export async function persistent(imageIds: string[]): Promise<void> {
    // [processWithRetry]
    const result = await client.processWithRetry(imageIds, {
        rounds: 3, // further jobs of what has failed
        start: { maxAttempts: 2 },
        onProgress: ({ progress }, round) => console.log(`round ${round}: ${progress.processed} of ${progress.total}`),
    });
    for (const { itemId, error } of result.errors) console.log(`${itemId} still fails: ${error}`);
    // [/processWithRetry]
}

export async function read(jobId: string): Promise<void> {
    // [results]
    const labels = new Map<string, unknown>();
    for await (const line of client.results(jobId, { follow: true })) {
        if (line.status === 'successful') labels.set(line.itemId, line.annotation);
    }
    // [/results]
    await writeFile('labels.json', JSON.stringify(Object.fromEntries(labels)));
}

export async function steer(jobId: string): Promise<void> {
    // [steer]
    await client.pause(jobId);
    await client.update(jobId, { concurrency: 2, rateLimitPerMinute: 30 }); // a rate of 0 takes it away
    await client.resume(jobId);
    const { progress } = await client.cancel(jobId);
    console.log(`${progress.processed} had been processed`);
    const again = await client.retry(jobId, { includeCancelled: true });
    console.log(`${again.total} of them once more, in job ${again.jobId}`);
    // [/steer]
}

export async function look(jobId: string): Promise<void> {
    // [look]
    const job = await client.status(jobId, { errors: 10 }); // with ten of its errors at the most
    const texts = await client.errorDistribution(jobId); // { 'not a picture': 3, … }
    const active = await client.active();
    const stats = await client.stats();
    const { minutes } = await client.estimate(10_000);
    console.log(job.status, texts, active.length, stats.totalFailed, minutes ?? 'not known yet');
    // [/look]
}

export async function list(): Promise<string[]> {
    // [jobs]
    const failed: string[] = [];
    let page = await client.jobs({ status: 'failed', limit: 100 });
    for (;;) {
        failed.push(...page.jobs.map(({ jobId }) => jobId));
        if (page.next === undefined) break;
        page = await client.jobs({ status: 'failed', limit: 100, after: page.next });
    }
    // [/jobs]
    return failed;
}

export async function careful(imageIds: string[]): Promise<void> {
    // [errors]
    try {
        await client.startBatch(imageIds);
    } catch (error) {
        if (!(error instanceof BatchError)) throw error;
        if (error.is('invalid-request'))
            console.log(error.errors); // [{ field, message }, …]
        else if (error.mayPass) console.log(`try again in ${error.retryAfter ?? 5_000} ms`);
        else console.log(error.status, error.title, error.detail);
    }
    // [/errors]
}
