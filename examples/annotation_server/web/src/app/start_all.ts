// SPDX-License-Identifier: BSL-1.0
import { api } from '../api';
import { once } from './once';

/** Starts a batch, and gives its id. What is sent twice by mistake (two clicks, a lost answer) makes one batch. */
export async function startAll(ids: readonly string[], label: string): Promise<string> {
    const started = await api.startBatch([...ids], { label, idempotencyKey: once() });
    return started.jobId;
}
