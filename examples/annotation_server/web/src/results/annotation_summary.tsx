// SPDX-License-Identifier: BSL-1.0
import { percent } from '../format/count';
import { annotationKind, isObject, type LabelGroup } from './annotation_kind';
import { memberName } from './member_name';

/** An annotation in two lines at the most, for a list. */
export function AnnotationSummary({ value }: { value: unknown }) {
    const annotation = annotationKind(value);
    switch (annotation.kind) {
        case 'ocr': {
            const { text, dominantColors, width, height } = annotation.value;
            const read = text.replace(/\s+/g, ' ').trim();
            return (
                <div className="summary">
                    {read === '' ? <p className="soft cut">No text found</p> : <p className="two-lines">{read}</p>}
                    <p className="summary-facts small soft numbers">
                        <span className="swatches" aria-hidden="true">
                            {dominantColors.map(({ color }) => (
                                <span key={color} className="swatch" style={{ backgroundColor: color }} />
                            ))}
                        </span>
                        <span>
                            {width} × {height}
                        </span>
                    </p>
                </div>
            );
        }
        case 'labels':
            return <LabelSummary {...annotation} />;
        case 'other':
            return <p className="summary two-lines">{inline(annotation.value)}</p>;
        case 'none':
            return <p className="summary soft">No annotation</p>;
    }
}

function LabelSummary({ groups, text }: { groups: LabelGroup[]; text: string }) {
    const labels = groups.flatMap((group) => group.labels);
    const most = text === '' ? 6 : 4;
    return (
        <div className="summary">
            {labels.length > 0 && (
                <ul className={text === '' ? 'chips' : 'chips one-line'}>
                    {labels.slice(0, most).map((label, index) => (
                        <li key={index} className="chip">
                            {label.name}
                            {label.score !== undefined && <span className="soft numbers">{percent(label.score)}</span>}
                        </li>
                    ))}
                    {labels.length > most && <li className="soft small">+{labels.length - most}</li>}
                </ul>
            )}
            {text !== '' && <p className="cut">{text.replace(/\s+/g, ' ').trim()}</p>}
        </div>
    );
}

function inline(value: unknown): string {
    if (!isObject(value)) {
        return typeof value === 'string' ? value : JSON.stringify(value);
    }
    return Object.entries(value)
        .map(([name, member]) => `${memberName(name)}: ${typeof member === 'string' ? member : JSON.stringify(member)}`)
        .join(' · ')
        .slice(0, 300);
}
