// SPDX-License-Identifier: BSL-1.0
import type { OcrAnnotation } from './annotation_kind';

/** Where each word stands in the picture; laid over it, in the picture's own pixels. */
export function WordBoxes({ value }: { value: OcrAnnotation }) {
    return (
        <svg className="word-boxes" viewBox={`0 0 ${value.width} ${value.height}`} aria-hidden="true">
            {value.words.map(({ box, text, confidence }, index) => (
                <rect key={index} x={box.x - 1} y={box.y - 1} width={box.width + 2} height={box.height + 2} rx="2">
                    <title>{`${text} (${Math.round(confidence)} %)`}</title>
                </rect>
            ))}
        </svg>
    );
}
