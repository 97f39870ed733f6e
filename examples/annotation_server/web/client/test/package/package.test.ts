// SPDX-License-Identifier: BSL-1.0
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { FakeService } from '../support/service.js';

const run = promisify(execFile);
const client = fileURLToPath(new URL('../..', import.meta.url));
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

let folder: string;
let packed: string[];

/** A project of somebody else, which has installed the package from its tarball, without a network. */
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'batchpace-client-'));
    const pack = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: client });
    // What the scripts say comes before the JSON.
    const [{ filename, files }] = JSON.parse(pack.stdout.slice(pack.stdout.indexOf('[\n'))) as [
        { filename: string; files: { path: string }[] },
    ];
    packed = files.map(({ path }) => path);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: folder });
    await mkdir(join(folder, 'node_modules', '@types'), { recursive: true });
    for (const name of ['react', 'react-dom', 'scheduler', 'csstype', '@types/react', '@types/react-dom']) {
        await symlink(join(modules, name), join(folder, 'node_modules', name));
    }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('The package', () => {
    test('has what its users need, and nothing else', () => {
        expect(packed).toContain('dist/index.js');
        expect(packed).toContain('dist/index.d.ts');
        expect(packed).toContain('dist/generated/openapi.d.ts');
        expect(packed).toContain('dist/react/index.js');
        expect(packed).toContain('dist/react/index.d.ts');
        expect(packed).toContain('style.css');
        expect(packed).toContain('README.md');
        expect(packed).toContain('LICENSE');
        expect(
            packed.filter((path) => !/^(dist\/.*\.(js|d\.ts)|style\.css|README\.md|LICENSE|package\.json)$/.test(path)),
        ).toEqual([]);
    });

    test.each(['NodeNext', 'Bundler'])(
        'is type-checked in a strict project of others, with modules of %s',
        async (kind) => {
            await cp(join(client, 'test/package/consumer.tsx'), join(folder, 'consumer.tsx'));
            const compilerOptions = {
                strict: true,
                exactOptionalPropertyTypes: true,
                skipLibCheck: false,
                noEmit: kind === 'Bundler',
                outDir: 'out',
                target: 'ES2022',
                lib: ['ES2022', 'DOM', 'DOM.Iterable'],
                jsx: 'react-jsx',
                module: kind === 'Bundler' ? 'ESNext' : kind,
                moduleResolution: kind,
                types: [],
            };
            await writeFile(
                join(folder, 'tsconfig.json'),
                JSON.stringify({ compilerOptions, files: ['consumer.tsx'] }),
            );
            const checked = await run(process.execPath, [join(modules, 'typescript/bin/tsc')], { cwd: folder }).catch(
                (error: { stdout: string }) => error,
            );
            expect(checked.stdout).toBe('');
        },
    );

    test('runs in plain Node, without React for those who want none of it', async () => {
        const service = await FakeService.start();
        service.add(['a', 'b']).finish(1, 1);
        const alone = join(folder, 'alone.mjs');
        await writeFile(
            alone,
            `import { BatchClient, BatchError, isFinal } from 'batchpace-client';
            const client = new BatchClient({ baseUrl: process.argv[2] });
            const [job] = (await client.jobs()).jobs;
            const final = await client.monitor(job.jobId);
            const error = await client.status('gone').catch((error) => error);
            const isOurs = error instanceof BatchError;
            const over = isFinal(final.status);
            console.log(JSON.stringify([final.errors.length, over, isOurs, error.is('unknown-job')]));`,
        );
        await rm(join(folder, 'node_modules', 'react'));
        const { stdout } = await run(process.execPath, [alone, service.url], { cwd: folder });
        await symlink(join(modules, 'react'), join(folder, 'node_modules', 'react'));
        expect(JSON.parse(stdout)).toEqual([1, true, true, true]);
        await service.close();
    });

    test('renders its components on a server, with the types that were checked', async () => {
        const { stdout } = await run(process.execPath, [join(folder, 'out', 'consumer.js')], { cwd: folder });
        expect(stdout).toContain('Looking for the job');
        expect(stdout).toContain('Active jobs');
    });
});
