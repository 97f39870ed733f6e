// SPDX-License-Identifier: BSL-1.0
import { statSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Page } from '@playwright/test';

import { expect, names, test } from './test';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const pictures = process.env['BATCHPACE_PICTURES'] ?? at('../../../../build/demo/pictures');
const PICTURES = ['bw_text.png', 'coffee.png', 'moon.png', 'page.png', 'text.png'];
const MOST_BYTES = 150_000;

for (const colorScheme of ['light', 'dark'] as const) {
    const shoot = async (page: Page, name: string) => {
        const path = at(`../../../../docs/images/${name}-${colorScheme}.png`);
        await page.evaluate(() => document.fonts.ready);
        await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
        expect(statSync(path).size, `${name} is small`).toBeLessThanOrEqual(MOST_BYTES);
    };

    test.describe(`the ${colorScheme} theme`, () => {
        test.use({ colorScheme, viewport: { width: 1180, height: 760 } });

        test('batches, and one that runs', async ({ page, serve }) => {
            const server = await serve([
                ...['--annotator', 'synthetic', '--latency-ms', '220', '--jitter-ms', '120'],
                ...['--failure-rate', '0.04', '--attempts', '2', '--rate-per-minute', '900'],
            ]);
            const start = (label: string, ids: string[], more = {}) => server.startBatch(ids, { label, ...more });
            const processed = async (id: string) =>
                ((await server.ask('GET', `/${id}/status`)) as { progress: { processed: number } }).progress.processed;
            const museum = await start('Museum, first floor', [...names('painting', 60), 'bad-frame']);
            const scans = await start('Scans of Monday', names('scan', 25));
            const wrong = await start('Wrong folder', names('raw', 500));
            await server.ask('POST', `/${wrong}/cancel`);
            const archive = await start('Archive 1998', names('negative', 4_000), { priority: 1 });
            await expect.poll(() => processed(archive)).toBeGreaterThan(20);
            await server.ask('POST', `/${archive}/pause`);
            await expect.poll(() => processed(scans)).toBe(25);
            await expect.poll(() => processed(museum)).toBe(61);
            const holiday = await start('Holiday pictures', [...names('bad-scan', 3), ...names('beach', 400)], {
                rateLimitPerMinute: 240,
            });
            await page.goto(`${server.url}/jobs/${holiday}`);
            const products = await start('Product photographs', names('shoe', 900));
            // Half of it is done, and it waits for its own limit.
            await expect(page.getByText(/Waiting for/)).toBeVisible();
            await shoot(page, 'job');
            await page.getByRole('link', { name: 'Batches', exact: true }).first().click();
            await expect(page.getByRole('link', { name: 'Product photographs', exact: true })).toBeVisible();
            // Its figures need a while.
            const now = await processed(products);
            await expect.poll(() => processed(products)).toBeGreaterThan(now + 120);
            // What has just happened is told in a corner, over the list.
            const notices = page.getByRole('region', { name: 'Notices' });
            for (const notice of await notices.getByRole('button', { name: 'Dismiss' }).all()) {
                await notice.click();
            }
            await shoot(page, 'batches');
            await page.setViewportSize({ width: 400, height: 760 });
            await shoot(page, 'narrow');
        });

        test('pictures, and what was read in one', async ({ page, serve, folder }) => {
            // Few photographs: they are what makes a picture of the page large.
            for (const name of PICTURES) {
                await copyFile(join(pictures, name), join(folder, name));
            }
            const server = await serve(['--images', folder]);
            await page.goto(`${server.url}/new`);
            for (const name of ['page.png', 'coffee.png', 'bw_text.png', 'moon.png'] as const) {
                await page.getByRole('checkbox', { name }).check({ force: true });
            }
            await page.getByLabel('Label', { exact: true }).fill('Two pages, two pictures');
            await expect(page.getByText('4 items')).toBeVisible();
            await expect(page.getByRole('status').filter({ hasText: '4 items' })).not.toContainText('…');
            await page.setViewportSize({ width: 1180, height: 480 });
            await page.evaluate(() => window.scrollTo(0, 0));
            await shoot(page, 'new-batch');
            await page.setViewportSize({ width: 1180, height: 700 });
            await page.getByRole('button', { name: 'Start' }).click();
            await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100');
            await page.getByRole('button', { name: 'bw_text.png' }).click();
            const picture = page.getByRole('dialog').getByRole('img', { name: 'The picture bw_text.png' });
            await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
            await shoot(page, 'result');
        });
    });
}
