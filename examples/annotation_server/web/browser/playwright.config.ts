// SPDX-License-Identifier: BSL-1.0
import { defineConfig } from '@playwright/test';

import { browserOptions } from './browser_options';

/**
 * The page in a real browser, on the real server: BATCHPACE_SERVER is the program annotation_server, the page is what
 * `npm run build` has made.
 */
export default defineConfig({
    testDir: '.',
    outputDir: '../test-results',
    fullyParallel: true,
    workers: 2,
    forbidOnly: process.env['CI'] !== undefined,
    reporter: 'list',
    timeout: 60_000,
    expect: { timeout: 15_000 },
    use: browserOptions,
    projects: [
        { name: 'page', testIgnore: ['frames.spec.ts', 'screenshots.spec.ts'] },
        // What measures time has the machine for itself, or so it should: where something else keeps the machine busy,
        // frames are late that the page has not delayed.
        { name: 'frames', testMatch: 'frames.spec.ts', dependencies: ['page'], retries: 2 },
    ],
});
