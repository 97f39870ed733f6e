// SPDX-License-Identifier: BSL-1.0
import type {
    ActiveJob,
    Estimate,
    JobChanges,
    JobPage,
    JobStatus,
    ResultLine,
    RetriedJob,
    StartedJob,
    Stats,
    SteeredJob,
} from './contract.js';
import type {
    Abortable,
    BatchClientOptions,
    JobListener,
    JobsOptions,
    LargeBatchOptions,
    LargeBatchResult,
    MonitorManyOptions,
    MonitorOptions,
    ResultsOptions,
    RetryingOptions,
    RetryingResult,
    RetryOptions,
    StartOptions,
    StatusOptions,
} from './options.js';

const missing = (): never => {
    throw new Error('not built yet');
};

/** The typed client. This is its interface only; the calls come with the next commit. */
export class BatchClient {
    constructor(readonly options: BatchClientOptions = {}) {}

    startBatch(_imageIds: readonly string[], _options: StartOptions = {}): Promise<StartedJob> { return missing(); }
    status(_jobId: string, _options: StatusOptions = {}): Promise<JobStatus> { return missing(); }
    cancel(_jobId: string, _options: Abortable = {}): Promise<SteeredJob> { return missing(); }
    pause(_jobId: string, _options: Abortable = {}): Promise<SteeredJob> { return missing(); }
    resume(_jobId: string, _options: Abortable = {}): Promise<SteeredJob> { return missing(); }
    update(_jobId: string, _changes: JobChanges, _options: Abortable = {}): Promise<SteeredJob> { return missing(); }
    retry(_jobId: string, _options: RetryOptions = {}): Promise<RetriedJob> { return missing(); }
    jobs(_options: JobsOptions = {}): Promise<JobPage> { return missing(); }
    active(_options: Abortable = {}): Promise<ActiveJob[]> { return missing(); }
    stats(_options: Abortable = {}): Promise<Stats> { return missing(); }
    estimate(_count: number, _options: Abortable = {}): Promise<Estimate> { return missing(); }
    errorDistribution(_jobId: string, _options: Abortable = {}): Promise<Record<string, number>> { return missing(); }
    results(_jobId: string, _options: ResultsOptions = {}): AsyncIterable<ResultLine> { return missing(); }
    /** Watches a job until the returned function is called. All who watch one job share one event stream. */
    watch(_jobId: string, _listener: JobListener & { onFinished?: (job: JobStatus) => void; onError?: (error: unknown) => void }): () => void { return missing(); }
    monitor(_jobId: string, _options: MonitorOptions = {}): Promise<JobStatus> { return missing(); }
    monitorMany(_jobIds: readonly string[], _options: MonitorManyOptions = {}): Promise<JobStatus[]> { return missing(); }
    processLargeBatch(_imageIds: readonly string[], _options: LargeBatchOptions = {}): Promise<LargeBatchResult> { return missing(); }
    processWithRetry(_imageIds: readonly string[], _options: RetryingOptions = {}): Promise<RetryingResult> { return missing(); }
}
