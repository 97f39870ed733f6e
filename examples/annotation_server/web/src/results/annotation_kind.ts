// SPDX-License-Identifier: BSL-1.0
/** A word that was read in a picture, and where. */
export interface Word {
    text: string;
    confidence: number;
    box: { x: number; y: number; width: number; height: number };
}

/** What the ocr annotator finds out. */
export interface OcrAnnotation {
    format: string;
    width: number;
    height: number;
    text: string;
    words: Word[];
    dominantColors: { color: string; share: number }[];
    perceptualHash: string;
}

export interface Label {
    name: string;
    /** From 0 to 1, where the annotator says it. */
    score?: number;
}

/** A member of an annotation that is a list of labels: labels, objects, landmarks … */
export interface LabelGroup {
    name: string;
    labels: Label[];
}

/** An annotation by what can be shown of it; `rest` are the members that are neither labels nor text. */
export type Annotation =
    | { kind: 'ocr'; value: OcrAnnotation }
    | { kind: 'labels'; groups: LabelGroup[]; text: string; rest: [string, unknown][] }
    | { kind: 'other'; value: unknown }
    | { kind: 'none' };

/** Goes by the annotation's shape, not by the server's annotator: hosts have annotators of their own. */
export function annotationKind(value: unknown): Annotation {
    if (value === undefined || value === null) {
        return { kind: 'none' };
    }
    if (!isObject(value)) {
        return { kind: 'other', value };
    }
    if (isOcr(value)) {
        return { kind: 'ocr', value };
    }
    const groups: LabelGroup[] = [];
    const used = new Set<string>();
    for (const [name, member] of Object.entries(value)) {
        const labels = name === 'label' && typeof member === 'string' ? [single(member, value)] : labelList(member);
        if (labels) {
            groups.push({ name, labels });
            (name === 'label' ? ['label', 'score', 'confidence'] : [name]).forEach((one) => used.add(one));
        }
    }
    const text = typeof value['text'] === 'string' ? value['text'] : '';
    if (groups.length === 0 && text === '') {
        return { kind: 'other', value };
    }
    used.add('text');
    return { kind: 'labels', groups, text, rest: Object.entries(value).filter(([name]) => !used.has(name)) };
}

export function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOcr(value: Record<string, unknown>): value is Record<string, unknown> & OcrAnnotation {
    return typeof value['text'] === 'string' && Array.isArray(value['words']) && Array.isArray(value['dominantColors']);
}

function single(name: string, from: Record<string, unknown>): Label {
    const score = scoreOf(from);
    return score === undefined ? { name } : { name, score };
}

/** A list of words, or of objects that have a name and perhaps a score: `labels`, `labelAnnotations` and the like. */
function labelList(value: unknown): Label[] | undefined {
    if (!Array.isArray(value) || value.length === 0) {
        return undefined;
    }
    const labels = value.map((one: unknown): Label | undefined => {
        if (typeof one === 'string') {
            return { name: one };
        }
        if (!isObject(one)) {
            return undefined;
        }
        const name = ['description', 'name', 'label'].map((key) => one[key]).find((text) => typeof text === 'string');
        return typeof name === 'string' ? single(name, one) : undefined;
    });
    return labels.every((label) => label !== undefined) ? labels : undefined;
}

function scoreOf(from: Record<string, unknown>): number | undefined {
    const score = from['score'] ?? from['confidence'];
    return typeof score === 'number' && score >= 0 && score <= 1 ? score : undefined;
}
