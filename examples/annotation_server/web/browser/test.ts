// SPDX-License-Identifier: BSL-1.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test as base } from '@playwright/test';

import { Server } from './server';

export { expect };

interface Fixtures {
    /** Starts a server, which ends with the test. */
    serve(args: readonly string[], port?: number): Promise<Server>;
    /** A folder of the test's own. */
    folder: string;
}

/** Items that take no time, but for those whose names say otherwise; nothing fails by chance. */
export const QUICK = ['--annotator', 'synthetic', '--latency-ms', '20', '--jitter-ms', '5', '--failure-rate', '0'];

/** `name-1`, `name-2` and so on. */
export const names = (name: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);

export const test = base.extend<Fixtures>({
    serve: async ({}, use) => {
        const servers: Server[] = [];
        await use(async (args, port) => {
            const server = await Server.start(args, port);
            servers.push(server);
            return server;
        });
        await Promise.all(servers.map((server) => server.kill()));
    },
    folder: async ({}, use) => {
        const folder = await mkdtemp(join(tmpdir(), 'batchpace-'));
        await use(folder);
        await rm(folder, { recursive: true });
    },
    // Whatever a test is about, the page neither throws nor does what its policy forbids.
    page: async ({ page }, use) => {
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(String(error)));
        page.on('console', (message) => {
            // A server that is away, or says no, is no fault of the page; the browser says it all the same.
            if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
                faults.push(message.text());
            }
        });
        await use(page);
        expect(faults).toEqual([]);
    },
});
