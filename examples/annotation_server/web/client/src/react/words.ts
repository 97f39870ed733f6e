// SPDX-License-Identifier: BSL-1.0
import { isFinal, type JobPhase, type JobSnapshot, type StopReason, type WaitingFor } from '../contract.js';

const numbers = new Intl.NumberFormat('en');

export function count(number: number): string {
    return numbers.format(number);
}

/** "1 item", "2 items". */
export function items(number: number): string {
    return `${count(number)} ${number === 1 ? 'item' : 'items'}`;
}

/** "4 s", "2 min 5 s", "3 h 20 min", "5 d 3 h": the two largest units, rounded up. */
export function duration(milliseconds: number): string {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    if (seconds < 60) return `${seconds} s`;
    const two = (large: number, largeName: string, small: number, smallName: string): string =>
        small === 0 ? `${large} ${largeName}` : `${large} ${largeName} ${small} ${smallName}`;
    if (seconds < 3600) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's');
    const minutes = Math.ceil(seconds / 60);
    if (minutes < 1440) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
    const hours = Math.ceil(minutes / 60);
    return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

const phases: Record<JobPhase, string> = {
    pending: 'Waiting to start',
    processing: 'Processing',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
};

/** What a job does now, in a word or two. */
export function stateOf(job: Pick<JobSnapshot, 'status' | 'paused' | 'stalled'>): string {
    if (isFinal(job.status)) return phases[job.status];
    if (job.paused) return 'Paused';
    if (job.stalled) return 'Stalled';
    return phases[job.status];
}

const whose: Record<WaitingFor['scope'], string> = { processor: "the server's", tenant: 'your', job: "this job's" };

const reasons: Record<WaitingFor['reason'], (scope: string) => string> = {
    rate: (scope) => `${scope} rate limit`,
    concurrency: (scope) => `a free place in ${scope} concurrency`,
    backoff: () => 'the next attempt of items that failed',
    paused: () => 'somebody to resume it',
    throttled: () => 'the annotation service, which asked for a pause',
    breaker: () => 'the annotation service to recover',
    abandoned: () => 'calls that have not come back',
    source: () => 'further items to arrive',
    fairness: () => 'its turn among the other jobs',
    store: () => 'the store of jobs',
};

/** What follows "Waiting for". A reason that this version does not know is named as it is. */
export function waitOf({ reason, scope }: WaitingFor): string {
    return reasons[reason]?.(whose[scope] ?? scope) ?? reason;
}

const stops: Record<StopReason, string> = {
    failures: 'too many items failed',
    failure_rate: 'too large a part of the items failed',
    calls: 'it had made all the calls that it may',
    deadline: 'its time was up',
    source: 'the source of its items failed',
    cancelled: 'it was cancelled',
    shut_down: 'the server was shut down',
};

/** Why a job ended early. */
export function stopOf(reason: StopReason): string {
    return stops[reason] ?? reason;
}

/** What is lost if a job is cancelled now. */
export function lossOf(job: JobSnapshot): string {
    const { total, processed } = job.progress;
    const left = Math.max(0, total - processed - job.cancelled);
    const sentences = [
        left === 0
            ? 'All of its items have been processed.'
            : `${count(left)} of ${items(total)} ${left === 1 ? 'has' : 'have'} not been processed, and will not be.`,
    ];
    if (job.inFlight > 0)
        sentences.push(`${count(job.inFlight)} running ${job.inFlight === 1 ? 'call is' : 'calls are'} asked to stop.`);
    sentences.push('Results that are there are kept.');
    return sentences.join(' ');
}
