// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import type { ResultLine } from '../api';
import { count as counting } from '../format/count';
import { duration } from '../format/duration';
import { KIND_WORDS } from '../format/failure';
import { fullTime } from '../format/time';
import { Button } from '../ui/button';
import { CopyButton } from '../ui/copy_button';
import { Dialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { AnnotationDetails } from './annotation_details';
import { annotationKind } from './annotation_kind';
import { Picture } from './picture';
import type { ResultStore } from './result_store';
import { WordBoxes } from './word_boxes';

interface ResultDialogProps {
    results: ResultStore;
    index: number;
    count: number;
    onIndex(index: number): void;
    onClose(): void;
}

/** One result, large; the arrow keys go to the one before and the one after. */
export function ResultDialog({ results, index, count, onIndex, onClose }: ResultDialogProps) {
    const line = results.line(index);
    useEffect(() => results.show(index, index + 1), [results, index]);
    const go = (to: number) => to >= 0 && to < count && onIndex(to);
    return (
        <Dialog
            wide
            title={<span className="break">{line?.itemId ?? 'Loading…'}</span>}
            onClose={onClose}
            onKeyDown={(event) => {
                // Arrows in a text that scrolls are that text's.
                if (event.target instanceof HTMLPreElement) {
                    return;
                }
                if (event.key === 'ArrowLeft') {
                    go(index - 1);
                } else if (event.key === 'ArrowRight') {
                    go(index + 1);
                }
            }}
        >
            {line && <Result key={index} line={line} />}
            <div className="dialog-foot between">
                <p className="soft small numbers" role="status">
                    {counting(index + 1)} of {counting(count)}
                </p>
                <div className="row">
                    <Button icon="left" aria-disabled={index === 0} onClick={() => go(index - 1)}>
                        Previous
                    </Button>
                    <Button aria-disabled={index === count - 1} onClick={() => go(index + 1)}>
                        Next
                        <Icon name="right" />
                    </Button>
                </div>
            </div>
        </Dialog>
    );
}

function Result({ line }: { line: ResultLine }) {
    const [boxes, setBoxes] = useState(true);
    const [shown, setShown] = useState(false);
    const annotation = annotationKind(line.annotation);
    const hasBoxes = annotation.kind === 'ocr' && annotation.value.words.length > 0 && shown;
    return (
        <div className="result">
            <div className="result-picture">
                <div className="picture-stage">
                    <Picture
                        id={line.itemId}
                        alt={`The picture ${line.itemId}`}
                        explains
                        onSize={() => setShown(true)}
                    />
                    {hasBoxes && boxes && <WordBoxes value={annotation.value} />}
                </div>
                {hasBoxes && (
                    <label className="check small">
                        <input type="checkbox" checked={boxes} onChange={(event) => setBoxes(event.target.checked)} />
                        Mark the words that were read
                    </label>
                )}
            </div>
            {/* Scrolls by itself, so the keyboard must get there. */}
            <div className="result-details" tabIndex={0} role="group" aria-label="Annotation">
                {line.status !== 'successful' && (
                    <p className="problem">
                        {line.status === 'failed' ? 'Failed' : 'Cancelled'}
                        {line.error && `: ${line.error}`}
                        {line.kind && ` (${KIND_WORDS[line.kind]})`}
                    </p>
                )}
                {line.status === 'successful' && <AnnotationDetails value={line.annotation} />}
                <dl className="facts numbers">
                    <div>
                        <dt>Attempts</dt>
                        <dd>{line.attempts}</dd>
                    </div>
                    {line.attempts > 0 && (
                        <div>
                            <dt>{line.attempts > 1 ? 'Last one took' : 'Took'}</dt>
                            <dd>{duration(line.durationMs)}</dd>
                        </div>
                    )}
                    <div>
                        <dt>Ended</dt>
                        <dd>{fullTime(Date.parse(line.finishedAt))}</dd>
                    </div>
                </dl>
                {line.annotation !== undefined && (
                    <details className="raw">
                        <summary className="small">As JSON</summary>
                        <CopyButton text={JSON.stringify(line.annotation, undefined, 2)} what="the annotation" />
                        <pre tabIndex={0} aria-label="The annotation as JSON">
                            {JSON.stringify(line.annotation, undefined, 2)}
                        </pre>
                    </details>
                )}
            </div>
        </div>
    );
}
