// SPDX-License-Identifier: BSL-1.0
import { memo } from 'react';
import type { ResultLine } from '../api';
import { duration } from '../format/duration';
import { KIND_WORDS } from '../format/failure';
import { clockTime } from '../format/time';
import { Icon } from '../ui/icon';
import { AnnotationSummary } from './annotation_summary';
import { Picture } from './picture';

interface ResultRowProps {
    line: ResultLine | undefined;
    index: number;
    /** There are pictures to be shown at all. */
    pictorial: boolean;
    onOpen(index: number): void;
}

const SIGNS = { successful: 'check', failed: 'cross', cancelled: 'stop' } as const;

export const ResultRow = memo(function ResultRow({ line, index, pictorial, onOpen }: ResultRowProps) {
    if (!line) {
        return (
            <div className="result-row" data-plain={pictorial ? undefined : ''} aria-busy="true">
                {pictorial && <span className="picture none" />}
                <p className="soft small">Loading…</p>
            </div>
        );
    }
    return (
        <div className="result-row" data-status={line.status} data-plain={pictorial ? undefined : ''}>
            {pictorial && (
                <span className="thumb">
                    <Picture id={line.itemId} alt="" />
                </span>
            )}
            <div className="result-name">
                <button type="button" className="row-button cut" title={line.itemId} onClick={() => onOpen(index)}>
                    {line.itemId}
                </button>
                <p className="result-state small" data-status={line.status}>
                    <Icon name={SIGNS[line.status]} size={14} />
                    {line.status === 'successful' ? 'Succeeded' : line.status === 'failed' ? 'Failed' : 'Cancelled'}
                    {line.attempts > 1 && <span className="soft">· attempt {line.attempts}</span>}
                </p>
            </div>
            <div className="result-what">
                {line.status === 'successful' ? (
                    line.error ? (
                        <p className="bad-ink two-lines">{line.error}</p>
                    ) : (
                        <AnnotationSummary value={line.annotation} />
                    )
                ) : (
                    <p className={line.status === 'failed' ? 'bad-ink two-lines' : 'soft two-lines'}>
                        {line.error ?? (line.attempts > 0 ? 'Stopped while it ran' : 'Was not started')}
                        {line.kind && <span className="soft small"> ({KIND_WORDS[line.kind]})</span>}
                    </p>
                )}
            </div>
            <p className="result-time small soft numbers">
                {line.attempts > 0 && <span>{duration(line.durationMs)}</span>}
                <span>{clockTime(Date.parse(line.finishedAt))}</span>
            </p>
        </div>
    );
});
