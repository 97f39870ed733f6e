// SPDX-License-Identifier: BSL-1.0
import { counted, percent } from '../format/count';
import { annotationKind, type Label, type OcrAnnotation } from './annotation_kind';
import { JsonTree } from './json_tree';
import { memberName } from './member_name';

/** All of an annotation. */
export function AnnotationDetails({ value }: { value: unknown }) {
    const annotation = annotationKind(value);
    switch (annotation.kind) {
        case 'ocr':
            return <Ocr value={annotation.value} />;
        case 'labels':
            return (
                <>
                    {annotation.groups.map((group) => (
                        <section key={group.name}>
                            <h3>{memberName(group.name)}</h3>
                            <Labels labels={group.labels} />
                        </section>
                    ))}
                    {annotation.text !== '' && (
                        <section>
                            <h3>Text</h3>
                            <ReadText text={annotation.text} />
                        </section>
                    )}
                    {annotation.rest.length > 0 && <JsonTree value={Object.fromEntries(annotation.rest)} />}
                </>
            );
        case 'other':
            return <JsonTree value={annotation.value} />;
        case 'none':
            return <p className="soft">There is no annotation.</p>;
    }
}

function Labels({ labels }: { labels: Label[] }) {
    return (
        <ul className="label-bars small">
            {labels.map((label, index) => (
                <li key={index}>
                    <span>{label.name}</span>
                    {label.score !== undefined && (
                        <>
                            <span className="numbers soft">{percent(label.score)}</span>
                            <span className="label-bar" aria-hidden="true">
                                <span style={{ width: `${label.score * 100}%` }} />
                            </span>
                        </>
                    )}
                </li>
            ))}
        </ul>
    );
}

/** Scrolls by itself where it is long, so the keyboard must get there. */
function ReadText({ text }: { text: string }) {
    return (
        <pre className="read-text" tabIndex={0} aria-label="Text that was read">
            {text}
        </pre>
    );
}

function Ocr({ value }: { value: OcrAnnotation }) {
    const sure =
        value.words.length > 0 ? value.words.reduce((sum, word) => sum + word.confidence, 0) / value.words.length : 0;
    return (
        <>
            <section>
                <h3>Text</h3>
                {value.text.trim() === '' ? (
                    <p className="soft">No text was found in the picture.</p>
                ) : (
                    <>
                        <ReadText text={value.text} />
                        <p className="soft small numbers">
                            {counted(value.words.length, 'word')}, {Math.round(sure)} % sure on average
                        </p>
                    </>
                )}
            </section>
            <section>
                <h3>Colours</h3>
                <div className="colour-bar" aria-hidden="true">
                    {value.dominantColors.map(({ color, share }) => (
                        <span key={color} style={{ backgroundColor: color, flexGrow: share }} />
                    ))}
                </div>
                <ul className="colours small numbers">
                    {value.dominantColors.map(({ color, share }) => (
                        <li key={color}>
                            <span className="swatch" style={{ backgroundColor: color }} aria-hidden="true" />
                            <code>{color}</code>
                            <span className="soft">{percent(share)}</span>
                        </li>
                    ))}
                </ul>
            </section>
            <dl className="facts numbers">
                <div>
                    <dt>Size</dt>
                    <dd>
                        {value.width} × {value.height} pixels
                    </dd>
                </div>
                <div>
                    <dt>Format</dt>
                    <dd>{value.format}</dd>
                </div>
                <div>
                    <dt>Perceptual hash</dt>
                    <dd>
                        <code>{value.perceptualHash}</code>
                    </dd>
                </div>
            </dl>
        </>
    );
}
