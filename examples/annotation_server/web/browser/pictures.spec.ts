// SPDX-License-Identifier: BSL-1.0
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bmp } from './bmp';
import { expect, QUICK, test } from './test';

test('pictures of the server are picked, annotated, and shown beside what came out', async ({ page, serve, folder }) => {
    await mkdir(join(folder, 'scans'));
    await writeFile(join(folder, 'red.bmp'), bmp(64, 48, [200, 30, 30]));
    await writeFile(join(folder, 'scans', '50 % & #1 ü?.bmp'), bmp(32, 48, [30, 200, 30]));
    await writeFile(join(folder, 'scans', 'blue.bmp'), bmp(48, 48, [30, 30, 200]));
    await writeFile(join(folder, 'notes.txt'), 'no picture');
    const server = await serve([...QUICK, '--images', folder]);

    await page.goto(`${server.url}/new`);
    await expect(page.getByRole('checkbox')).toHaveCount(3);
    await page.getByRole('searchbox', { name: 'Name has' }).fill('scans');
    await expect(page.getByRole('checkbox')).toHaveCount(2);
    await page.getByRole('button', { name: 'Pick all of these' }).click();
    await expect(page.getByText('2 picked')).toBeVisible();
    await page.getByRole('button', { name: 'Start' }).click();

    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '2 of 2 items, 0 failed');
    await page.getByRole('button', { name: 'scans/50 % & #1 ü?.bmp' }).click();
    const dialog = page.getByRole('dialog', { name: 'scans/50 % & #1 ü?.bmp' });
    const picture = dialog.getByRole('img', { name: 'The picture scans/50 % & #1 ü?.bmp' });
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(32);
    const results = (await server.ask('GET', '/jobs').then(async (list) => {
        const [job] = (list as { jobs: { jobId: string }[] }).jobs;
        const text = await (await fetch(`${server.url}/api/batch/annotations/${job!.jobId}/results`)).text();
        return text.trim().split('\n').map((line) => JSON.parse(line) as { itemId: string; annotation: { label: string } });
    }));
    const label = results.find((line) => line.itemId === 'scans/50 % & #1 ü?.bmp')!.annotation.label;
    await expect(dialog.getByText(label).first()).toBeVisible();

    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
});

test('who comes for the first time has something to do', async ({ page, serve, folder }) => {
    await writeFile(join(folder, 'red.bmp'), bmp(64, 48, [200, 30, 30]));
    const server = await serve([...QUICK, '--images', folder]);
    await page.goto(server.url);
    await expect(page.getByRole('heading', { name: 'Nothing has run yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Annotate the 1 sample picture' }).click();
    await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '1 of 1 item, 0 failed');
});
