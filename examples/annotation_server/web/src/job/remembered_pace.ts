// SPDX-License-Identifier: BSL-1.0
/** What a batch was told from this tab: the API takes these values, but does not tell them. */
export interface RememberedPace {
    concurrency?: number;
    rateLimitPerMinute?: number;
    priority?: number;
}

const name = (jobId: string) => `batchpace.pace.${jobId}`;

export function rememberedPace(jobId: string): RememberedPace {
    try {
        return JSON.parse(sessionStorage.getItem(name(jobId)) ?? '{}') as RememberedPace;
    } catch {
        return {};
    }
}

export function rememberPace(jobId: string, pace: RememberedPace): void {
    try {
        sessionStorage.setItem(name(jobId), JSON.stringify({ ...rememberedPace(jobId), ...pace }));
    } catch {
        // Storage is closed to this page: the fields begin empty next time.
    }
}
