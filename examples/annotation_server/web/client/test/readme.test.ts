// SPDX-License-Identifier: BSL-1.0
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const at = (path: string): URL => new URL(`../${path}`, import.meta.url);

/** The parts between `// [name]` and `// [/name]`, without the indentation that they share. */
async function examplesOf(path: string): Promise<Map<string, string>> {
    const text = await readFile(at(path), 'utf8');
    const parts = new Map<string, string>();
    for (const [, name = '', body = ''] of text.matchAll(/^ *\/\/ \[(\w+)\]\n([^]*?)^ *\/\/ \[\/\1\]$/gm)) {
        const lines = body.trimEnd().split('\n');
        const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
        parts.set(name, lines.map((line) => line.slice(Math.min(...indents))).join('\n'));
    }
    return parts;
}

test('The examples of README.md are those that are compiled', async () => {
    const examples = new Map([
        ...(await examplesOf('examples/client.ts')),
        ...(await examplesOf('examples/react.tsx')),
    ]);
    const readme = await readFile(at('README.md'), 'utf8');
    const used: string[] = [];
    const made = readme.replaceAll(/^```(tsx?) (\w+)\n[^]*?^```$/gm, (_all, kind: string, name: string) => {
        used.push(name);
        return `\`\`\`${kind} ${name}\n${examples.get(name) ?? expect.fail(`there is no example ${name}`)}\n\`\`\``;
    });
    expect(used.sort()).toEqual([...examples.keys()].sort());
    // `UPDATE_README=1 npm test` writes them into it.
    if (process.env['UPDATE_README'] !== undefined) await writeFile(at('README.md'), made);
    else expect(readme).toBe(made);
});
