// SPDX-License-Identifier: BSL-1.0
import { defineConfig } from '@playwright/test';

import { browserOptions } from './browser_options';

/**
 * `npm run screenshots` makes the pictures of the documentation, of the real page on a real server. Beside
 * BATCHPACE_SERVER it takes BATCHPACE_PICTURES, the folder of photographs and pages that examples/serve.sh gets.
 */
export default defineConfig({
    testDir: '.',
    testMatch: 'screenshots.spec.ts',
    outputDir: '../test-results',
    workers: 1,
    reporter: 'list',
    timeout: 120_000,
    expect: { timeout: 60_000 },
    // With their scroll bars, as people see it.
    use: {
        ...browserOptions,
        launchOptions: { ...browserOptions.launchOptions, ignoreDefaultArgs: ['--hide-scrollbars'] },
    },
});
