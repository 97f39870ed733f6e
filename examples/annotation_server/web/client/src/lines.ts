// SPDX-License-Identifier: BSL-1.0

/**
 * The complete lines of a body, without empty ones. A last line without its end is left out: where a connection was
 * cut, nobody knows whether it is whole.
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder();
    const begun: string[] = [];
    for await (const piece of pieces) {
        const lines = decoder.decode(piece, { stream: true }).split('\n');
        const rest = lines.pop() ?? '';
        for (const line of lines) {
            begun.push(line);
            const whole = begun.join('');
            begun.length = 0;
            if (whole.trim() !== '') yield whole;
        }
        if (rest !== '') begun.push(rest);
    }
}
