// SPDX-License-Identifier: BSL-1.0
/** An id that the server would refuse, and where it stands. */
export interface BadId {
    line: number;
    reason: string;
}

export interface ParsedIds {
    ids: string[];
    bad: BadId[];
}

const LONGEST = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The ids in a text: one a line, or a JSON array of strings. A single line may also have its ids between commas. Blank
 * lines, blanks around an id and quotes around it are no part of it. Repeated ids stay: see countDuplicates.
 */
export function parseIds(text: string): ParsedIds {
    const trimmed = text.replace(/^\uFEFF/, '').trim();
    if (trimmed === '') {
        return { ids: [], bad: [] };
    }
    const listed = trimmed.startsWith('[') ? jsonStrings(trimmed) : undefined;
    if (listed) {
        return sorted(listed);
    }
    const lines = trimmed.split(/\r\n|\n|\r/);
    return sorted(lines.length === 1 ? trimmed.split(',') : text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/));
}

function sorted(pieces: string[]): ParsedIds {
    const ids: string[] = [];
    const bad: BadId[] = [];
    const encoder = new TextEncoder();
    pieces.forEach((piece, index) => {
        const id = unquoted(piece.trim());
        if (id === '') {
            return;
        }
        if (CONTROL.test(id)) {
            bad.push({ line: index + 1, reason: 'has a control character' });
            // Only a long text can be too long in bytes: most are not worth encoding.
        } else if (id.length * 3 > LONGEST && encoder.encode(id).length > LONGEST) {
            bad.push({ line: index + 1, reason: 'is longer than 1,024 bytes' });
        } else {
            ids.push(id);
        }
    });
    return { ids, bad };
}

function unquoted(text: string): string {
    return /^"[^"]*"$/.test(text) || /^'[^']*'$/.test(text) ? text.slice(1, -1) : text;
}

function jsonStrings(text: string): string[] | undefined {
    try {
        const value: unknown = JSON.parse(text);
        return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
    } catch {
        return undefined;
    }
}
