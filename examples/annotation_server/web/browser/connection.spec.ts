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
    await expect(page.getByRole('link', { name: 'After that', exact: true })).toBeVisible();
});

test('where there is no event stream, the batch is asked for again and again', async ({ page, serve }) => {
    const server = await serve(QUICK);
    const id = await server.startBatch(names('cat', 20), { rateLimitPerMinute: 10 });
    await page.route('**/events', (route) => route.abort());
    await page.goto(`${server.url}/jobs/${id}`);
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '10 of 20 items, 0 failed');
    await expect(page.getByText('No event stream')).toBeVisible();
    await server.ask('POST', `/${id}/update`, { rateLimitPerMinute: 6000 });
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '20 of 20 items, 0 failed');
});
