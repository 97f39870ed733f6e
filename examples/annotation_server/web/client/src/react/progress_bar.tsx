// SPDX-License-Identifier: BSL-1.0
import type { ReactNode } from 'react';

import type { JobSnapshot } from '../contract.js';
import { count, stateOf } from './words.js';

/** The bar: what was successful, what failed. Without a known total it has no value, only a text. */
export function ProgressBar({ job, label }: { job: JobSnapshot; label: string }): ReactNode {
    const { total, processed, successful, failed, percentage } = job.progress;
    const known = percentage !== null;
    const part = (number: number): string => `${total > 0 ? (100 * number) / total : 0}%`;
    const counts = `${count(processed)} of ${known ? '' : 'at least '}${count(total)}`;
    const text = `${known ? `${percentage} %: ` : ''}${counts}, ${stateOf(job).toLowerCase()}`;
    return (
        <div
            className="bp-bar"
            data-known={known}
            role="progressbar"
            aria-label={label}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={percentage ?? undefined}
            aria-valuetext={text}
        >
            <div className="bp-bar__good" style={{ width: part(successful) }} />
            <div className="bp-bar__bad" style={{ width: part(failed) }} />
        </div>
    );
}
