// SPDX-License-Identifier: BSL-1.0
import type { PlaywrightTestOptions, PlaywrightWorkerOptions } from '@playwright/test';

/** Debian's Chromium, or the one that BATCHPACE_CHROMIUM names; it asks nobody for anything. */
export const browserOptions: Partial<PlaywrightTestOptions & PlaywrightWorkerOptions> = {
    launchOptions: {
        executablePath: process.env['BATCHPACE_CHROMIUM'] ?? '/usr/bin/chromium',
        args: [
            '--no-sandbox',
            '--disable-dev-shm-usage',
            '--disable-background-networking',
            '--disable-component-update',
        ],
    },
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
};
