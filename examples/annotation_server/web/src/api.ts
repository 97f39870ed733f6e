// SPDX-License-Identifier: BSL-1.0
import { BatchClient, BatchError } from 'batchpace-client';
import { watchedFetch } from './app/connection';

export type {
    Estimate,
    FailureKind,
    ItemError,
    JobChanges,
    JobSnapshot as JobState,
    Milestone,
    ResultLine,
    StartOptions,
    Stats,
    WaitingFor,
} from 'batchpace-client';
export { BatchError };

/** The page's one client: same origin, with the cookie that the sign-in has set. */
export const api = new BatchClient({ fetch: (url, init) => watchedFetch(url, init) });

/** A failed call in a sentence for the reader. */
export function words(error: unknown): string {
    if (error instanceof BatchError) {
        return error.status === 0 ? 'The server did not answer.' : sentence(error.detail ?? error.title);
    }
    return error instanceof Error ? sentence(error.message) : 'Something went wrong.';
}

function sentence(text: string): string {
    const begun = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
