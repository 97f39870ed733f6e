// SPDX-License-Identifier: BSL-1.0
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { Page } from '@playwright/test';
import type { AxeResults } from 'axe-core';

import { bmp } from './bmp';
import { expect, names, QUICK, test } from './test';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds serious or worse, a line each. */
async function findings(page: Page): Promise<string[]> {
    if (!(await page.evaluate(() => 'axe' in window))) {
        await page.addScriptTag({ path: axe });
    }
    const { violations } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
    return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`in the ${colorScheme} theme`, () => {
        // The page's policy has no place for a script of ours.
        test.use({ colorScheme, bypassCSP: true });

        test('axe-core has nothing serious to say', async ({ page, serve, folder }) => {
            await writeFile(join(folder, 'red.bmp'), bmp(64, 48, [200, 30, 30]));
            const server = await serve([...QUICK, '--images', folder]);
            const view = async (path: string, heading: string) => {
                await page.goto(server.url + path);
                await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
            };
            await view('/', 'Batches');
            expect(await findings(page), 'nothing has run').toEqual([]);
            await view('/new', 'New batch');
            await page.getByRole('button', { name: 'Pick all' }).click();
            await expect(page.getByText('1 picked')).toBeVisible();
            expect(await findings(page), 'pictures').toEqual([]);
            await page.getByRole('radio', { name: /^Ids/ }).check();
            await page.locator('summary', { hasText: 'Options' }).click();
            await page.getByLabel('At once').fill('none');
            expect(await findings(page), 'a form with a fault').toEqual([]);

            const some = await server.startBatch(['red.bmp', 'bad-1', 'bad-2', ...names('cat', 40)], { label: 'Some failed' });
            const paused = await server.startBatch(names('slow', 3), { label: 'Paused' });
            await server.ask('POST', `/${paused}/pause`);
            const cancelled = await server.startBatch(names('slow', 3), { label: 'Cancelled' });
            await server.ask('POST', `/${cancelled}/cancel`);
            const running = await server.startBatch([...names('cat', 5), ...names('slow', 9)], { label: 'Running', rateLimitPerMinute: 8 });
            await view('/', 'Batches');
            await expect(page.getByRole('link', { name: 'Some failed', exact: true })).toBeVisible();
            expect(await findings(page), 'batches').toEqual([]);
            await view(`/jobs/${some}`, 'Some failed');
            await expect(page.getByRole('button', { name: 'red.bmp' })).toBeVisible();
            expect(await findings(page), 'a finished batch').toEqual([]);
            await page.getByRole('button', { name: 'red.bmp' }).click();
            await expect(page.getByRole('dialog')).toBeVisible();
            expect(await findings(page), 'a result').toEqual([]);
            await view(`/jobs/${running}`, 'Running');
            await page.getByText('Change the pace').click();
            expect(await findings(page), 'a running batch').toEqual([]);
            await page.getByRole('button', { name: 'Cancel…' }).click();
            await expect(page.getByRole('dialog')).toBeVisible();
            expect(await findings(page), 'the question before a cancel').toEqual([]);
            await view('/nothing-here', 'There is no such page');
            expect(await findings(page), 'no such page').toEqual([]);

            await server.kill();
            await expect(page.getByText('The server cannot be reached')).toBeVisible();
            expect(await findings(page), 'a lost server').toEqual([]);
        });

        test('nor of the sign-in', async ({ page, serve, folder }) => {
            const keys = join(folder, 'keys');
            await writeFile(keys, '{"key": "key-of-acme.0123456789", "tenant": "acme"}\n', { mode: 0o600 });
            const server = await serve([...QUICK, '--keys', keys]);
            await page.goto(server.url);
            await page.getByRole('button', { name: 'Sign in' }).click();
            await expect(page.getByLabel('Key')).toHaveAttribute('aria-invalid', 'true');
            expect(await findings(page)).toEqual([]);
        });
    });
}
