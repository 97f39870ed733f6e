// SPDX-License-Identifier: BSL-1.0
import { percent } from '../format/count';
import { annotationKind, isObject } from './annotation_kind';
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
            return (
                <div className="summary">
                    <ul className="chips">
                        {annotation.labels.slice(0, 5).map((label, index) => (
                            <li key={index} className="chip">
                                {label.name}
                                {label.score !== undefined && <span className="soft numbers">{percent(label.score)}</span>}
                            </li>
                        ))}
                        {annotation.labels.length > 5 && <li className="soft small">+{annotation.labels.length - 5}</li>}
                    </ul>
                </div>
            );
        case 'other':
            return <p className="summary two-lines">{inline(annotation.value)}</p>;
        case 'none':
            return <p className="summary soft">No annotation</p>;
    }
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
