// SPDX-License-Identifier: BSL-1.0
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, names, QUICK, test } from './test';

const acme = 'key-of-acme.0123456789';
const globex = 'key-of-globex.0123456789';

async function fileOfKeys(folder: string, ...lines: object[]): Promise<string> {
    const file = join(folder, 'keys');
    await writeFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await chmod(file, 0o600);
    return file;
}

test('who has a key signs in, sees their own batches alone, and signs out', async ({ page, serve, folder }) => {
    const keys = await fileOfKeys(folder, { key: acme, tenant: 'acme' }, { key: globex, tenant: 'globex', tier: 'paid' });
    const server = await serve([...QUICK, '--keys', keys]);
    const mine = await server.startBatch(names('cat', 3), { label: 'Of acme' }, acme);
    const theirs = await server.startBatch(names('cat', 3), { label: 'Of globex' }, globex);

    await page.goto(`${server.url}/jobs/${mine}`);
    await page.getByLabel('Key').fill('key-of-nobody');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByText('The server does not know this key')).toBeVisible();
    await page.getByLabel('Key').fill(acme);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('heading', { name: 'Of acme' })).toBeVisible();
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain(acme);

    await page.reload();
    await expect(page.getByRole('heading', { name: 'Of acme' })).toBeVisible();
    await page.goto(`${server.url}/jobs/${theirs}`);
    await expect(page.getByRole('heading', { name: 'There is no such batch' })).toBeVisible();
    await page.goto(server.url);
    await expect(page.getByRole('link', { name: 'Of acme', exact: true })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Of globex', exact: true })).toHaveCount(0);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page.getByLabel('Key')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Of acme', exact: true })).toHaveCount(0);
    await page.getByLabel('Key').fill(globex);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('link', { name: 'Of globex', exact: true })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Of acme', exact: true })).toHaveCount(0);
});

test('a key that is taken away ends the session, and what was being done stays', async ({ page, serve, folder }) => {
    const keys = await fileOfKeys(folder, { key: acme, tenant: 'acme' });
    const server = await serve([...QUICK, '--keys', keys]);
    await page.goto(`${server.url}/new`);
    await page.getByLabel('Key').fill(acme);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByLabel('Ids, one a line').fill('cat-1\ncat-2');

    await fileOfKeys(folder, { key: globex, tenant: 'acme' });
    server.signal('SIGHUP');
    await expect(page.getByRole('heading', { name: 'Sign in again' })).toBeVisible();
    await page.getByLabel('Key').fill(globex);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByLabel('Ids, one a line')).toHaveValue('cat-1\ncat-2');
});
