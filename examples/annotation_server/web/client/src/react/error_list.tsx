// SPDX-License-Identifier: BSL-1.0
import type { ReactNode } from 'react';

import type { ItemError, JobSnapshot } from '../contract.js';
import { count, items } from './words.js';

/** Texts of the distribution that are shown. */
const textsShown = 5;

/** The errors of a job: which texts how often, and the first ones with their item and attempt. */
export function ErrorList({
    job,
    errors,
    limit,
}: {
    job: JobSnapshot;
    errors: readonly ItemError[];
    limit: number;
}): ReactNode {
    if (job.errorCount === 0) return null;
    const texts = Object.entries(job.errorDistribution).sort(([, a], [, b]) => b - a);
    return (
        <details className="bp-errors">
            <summary>{items(job.errorCount)} failed</summary>
            <ul className="bp-errors__texts" aria-label="Errors by their text">
                {texts.slice(0, textsShown).map(([text, number]) => (
                    <li key={text}>
                        <b>{count(number)}</b> {text}
                    </li>
                ))}
                {texts.length > textsShown && <li>and {count(texts.length - textsShown)} other texts</li>}
            </ul>
            {limit > 0 && errors.length > 0 && (
                <table>
                    <caption>
                        {errors.length < job.errorCount ? `The first ${count(errors.length)} of them` : 'All of them'}
                    </caption>
                    <thead>
                        <tr>
                            <th scope="col">Item</th>
                            <th scope="col">Error</th>
                            <th scope="col">Attempt</th>
                        </tr>
                    </thead>
                    <tbody>
                        {errors.map((error, index) => (
                            <tr key={index}>
                                <td>{error.itemId}</td>
                                <td>{error.error}</td>
                                <td>{count(error.attemptNumber)}</td>
                            </tr>
                        ))}
                    </tbody>
                </table>
            )}
        </details>
    );
}
