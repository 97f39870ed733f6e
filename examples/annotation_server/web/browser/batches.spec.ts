// SPDX-License-Identifier: BSL-1.0
import { expect, names, QUICK, test } from './test';

test('a batch is started from the page and watched to its end', async ({ page, serve }) => {
    const server = await serve(QUICK);
    await page.goto(server.url);
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'New batch' }).click();
    await page.getByLabel('Ids, one a line').fill([...names('cat', 38), 'bad-1', 'bad-2'].join('\n'));
    await page.getByLabel('Label', { exact: true }).fill('Holiday');
    await page.locator('summary', { hasText: 'Options' }).click();
    await page.getByLabel('Starts a minute').fill('30');
    await expect(page.getByText('40 items')).toBeVisible();
    await page.getByRole('button', { name: 'Start' }).click();

    await expect(page).toHaveURL(/\/jobs\/[0-9a-f-]{36}$/);
    await expect(page.getByRole('heading', { name: 'Holiday', level: 1 })).toBeVisible();
    const bar = page.getByRole('progressbar', { name: 'Progress of Holiday' });
    await expect(bar).toHaveAttribute('aria-valuetext', '30 of 40 items, 0 failed');
    // A milestone is told, and what it waits for then.
    const notices = page.getByRole('region', { name: 'Notices' });
    await expect(notices.getByText('Holiday: 75 %')).toBeVisible();
    await expect(page.getByText(/limit of starts a minute – goes on in \d+ s/)).toBeVisible();

    const id = page.url().split('/').at(-1)!;
    await server.ask('POST', `/${id}/update`, { rateLimitPerMinute: 6000 });
    await expect(notices.getByText('Holiday has finished')).toBeVisible();
    await expect(notices.getByText('38 of 40 items succeeded, 2 failed')).toBeVisible();
    await expect(bar).toHaveAttribute('aria-valuenow', '100');
    await expect(bar).toHaveAttribute('aria-valuetext', '40 of 40 items, 2 failed');
    await expect(page.getByText('Completed, some failed')).toBeVisible();
    await expect(page.getByRole('list', { name: 'Milestones' }).getByText('75 % reached')).toHaveCount(1);
    await expect(page.getByText('Invalid image').first()).toBeVisible();
});

test('a batch is cancelled only after the page has said what is lost', async ({ page, serve }) => {
    const server = await serve([...QUICK, '--max-concurrency', '2']);
    const id = await server.startBatch([...names('cat', 3), ...names('slow', 17)], { label: 'Too much' });
    await page.goto(`${server.url}/jobs/${id}`);
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '3 of 20 items, 0 failed');

    await page.getByRole('button', { name: 'Cancel…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Cancel Too much?' });
    await expect(dialog.getByText('15waiting – will not be started')).toBeVisible();
    await expect(dialog.getByText('2in flight')).toBeVisible();
    await expect(dialog.getByText('3 results and 0 failures stay')).toBeVisible();
    await dialog.getByRole('button', { name: 'Keep it running' }).click();
    await expect(dialog).toBeHidden();
    expect(await server.ask('GET', `/${id}/status`)).toMatchObject({ status: 'processing' });

    await page.getByRole('button', { name: 'Cancel…' }).click();
    await dialog.getByRole('button', { name: 'Cancel 17 items' }).click();
    await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
    expect(await server.ask('GET', `/${id}/status`)).toMatchObject({ status: 'cancelled', cancelled: 17 });
    await page.getByRole('button', { name: 'Retry 17 cancelled' }).click();
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '0 of 17 items, 0 failed');
});

test('a batch is paused and goes on', async ({ page, serve }) => {
    const server = await serve([...QUICK, '--max-concurrency', '1']);
    const id = await server.startBatch(names('cat', 80), { label: 'Stop and go' });
    await page.goto(`${server.url}/jobs/${id}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page.getByText('Paused', { exact: true }).first()).toBeVisible();
    const status = async () => (await server.ask('GET', `/${id}/status`)) as { paused: boolean; inFlight: number };
    expect(await status()).toMatchObject({ status: 'processing', paused: true });
    await expect.poll(async () => (await status()).inFlight).toBe(0);

    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '100');
    await expect(page.getByText('Completed', { exact: true }).first()).toBeVisible();
});

test('what failed is tried again, as a batch of its own', async ({ page, serve }) => {
    // One attempt each: the flaky ones fail at the first, and would not at a second.
    const server = await serve([...QUICK, '--attempts', '1']);
    const id = await server.startBatch([...names('cat', 5), ...names('flaky', 2), 'bad-1'], { label: 'Second try' });
    await page.goto(`${server.url}/jobs/${id}`);
    await page.getByRole('button', { name: 'Retry 3 failed' }).click();
    await expect(page).not.toHaveURL(new RegExp(id));
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', /^3 of 3 items/);
    await expect(page.getByRole('link', { name: id.slice(-8) })).toHaveAttribute('href', `/jobs/${id}`);
});

test('the pace of a running batch is changed', async ({ page, serve }) => {
    const server = await serve(QUICK);
    const id = await server.startBatch(names('slow', 20), { label: 'Slow', concurrency: 1 });
    const inFlight = async () => ((await server.ask('GET', `/${id}/status`)) as { inFlight: number }).inFlight;
    await expect.poll(inFlight).toBe(1);
    await page.goto(`${server.url}/jobs/${id}`);
    await page.getByText('Change the pace').click();
    await page.getByLabel('At once').fill('4');
    await page.getByLabel('Starts a minute').fill('600');
    await page.getByRole('button', { name: 'Apply' }).click();
    await expect(page.getByText('Pace changed')).toBeVisible();
    await expect.poll(inFlight).toBe(4);

    // What makes no sense is said at its field.
    await page.getByLabel('At once').fill('0');
    await expect(page.getByLabel('At once')).toHaveAttribute('aria-invalid', 'true');
});

test('the list shows active and finished batches, and filters them', async ({ page, serve }) => {
    const server = await serve(QUICK);
    await server.startBatch(names('cat', 3), { label: 'Winter' });
    await server.startBatch(['bad-1', 'cat-1'], { label: 'Spring' });
    await server.startBatch(['slow-1'], { label: 'Summer' });
    await page.goto(server.url);
    const rows = page.getByRole('list', { name: 'Batches, newest first' }).getByRole('listitem');
    await expect(rows).toHaveCount(3);
    await expect(rows.first()).toContainText('Summer');
    await expect(rows.nth(1)).toContainText('1 failed');

    await page.getByRole('radio', { name: /^Active/ }).check();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('Summer');
    await page.getByRole('radio', { name: /^All/ }).check();
    await page.getByRole('searchbox', { name: 'Label or id has' }).fill('win');
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('Winter');
    await page.getByRole('searchbox', { name: 'Label or id has' }).fill('autumn');
    await expect(page.getByRole('heading', { name: 'No batch is like that' })).toBeVisible();
});

test('a batch that is not there is said to be gone', async ({ page, serve }) => {
    const server = await serve(QUICK);
    await page.goto(`${server.url}/jobs/00000000-0000-7000-8000-000000000000`);
    await expect(page.getByRole('heading', { name: 'There is no such batch' })).toBeVisible();
});
