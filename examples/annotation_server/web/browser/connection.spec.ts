// SPDX-License-Identifier: BSL-1.0
import { expect, names, QUICK, test } from './test';

test('a server that goes away is missed, and found again by itself', async ({ page, serve }) => {
    const first = await serve(QUICK);
    const id = await first.startBatch(names('slow', 3), { label: 'Interrupted' });
    await page.goto(`${first.url}/jobs/${id}`);
    await expect(page.getByRole('heading', { name: 'Interrupted' })).toBeVisible();
    await expect(page.getByText('Live', { exact: true })).toBeVisible();

    await first.kill();
    await expect(page.getByText('The server cannot be reached')).toBeVisible();
    await expect(page.getByText('Offline', { exact: true })).toBeVisible();
    // What was known is still to be seen.
    await expect(page.getByRole('heading', { name: 'Interrupted' })).toBeVisible();

    const second = await serve(QUICK, first.port);
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await expect(page.getByText('The server cannot be reached')).toBeHidden();
    // Its jobs lived in memory.
    await expect(page.getByRole('alert')).toContainText('The server does not know this batch any more');
    await expect(page.getByRole('button', { name: 'Cancel…' })).toHaveCount(0);
    await page.getByRole('link', { name: 'Batches', exact: true }).first().click();
    await second.startBatch(['cat-1'], { label: 'After that' });
    await expect(page.getByRole('link', { name: 'After that' })).toBeVisible();
});
