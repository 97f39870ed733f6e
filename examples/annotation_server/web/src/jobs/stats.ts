// SPDX-License-Identifier: BSL-1.0
import { api, type Stats } from '../api';
import { Poller } from '../app/poller';
import { Store } from '../app/store';

/** Items that had ended by a moment. */
interface Sample {
    at: number;
    ended: number;
}

export interface StatsState {
    stats: Stats | undefined;
    /** Items a minute between one look and the next, oldest first. */
    pace: readonly number[];
}

export const statsStore = new Store<StatsState>({ stats: undefined, pace: [] });

const KEEP = 60;
let last: Sample | undefined;

async function refresh(): Promise<void> {
    const stats = await api.stats();
    const now = { at: performance.now(), ended: stats.totalSuccessful + stats.totalFailed };
    const { pace } = statsStore.get();
    // After a pause (the page was hidden, the server was away) there is no pace to be told of.
    const fresh = last !== undefined && now.ended >= last.ended && now.at - last.at < 10_000;
    const next = fresh ? [...pace, ((now.ended - last!.ended) / (now.at - last!.at)) * 60_000].slice(-KEEP) : [];
    last = now;
    statsStore.set({ stats, pace: next });
}

export const statsPoller = new Poller(refresh, () => 2000);
