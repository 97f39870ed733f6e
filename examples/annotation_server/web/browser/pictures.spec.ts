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

test('the words of a picture are marked where they stand, however large it is shown', async ({ page, serve, folder }) => {
    const [width, height] = [400, 300];
    const box = { x: 100, y: 200, width: 80, height: 20 };
    await writeFile(join(folder, 'page.bmp'), bmp(width, height, [240, 240, 240]));
    const server = await serve([...QUICK, '--images', folder]);
    const id = await server.startBatch(['page.bmp']);
    // What the annotator ocr says of a page; this server may be one without it.
    const annotation = { format: 'BMP', width, height, text: 'Word', words: [{ text: 'Word', confidence: 95, box }], dominantColors: [] };
    await page.route(`**/${id}/results*`, async (route) => {
        const response = await route.fetch();
        const line = JSON.parse(await response.text()) as object;
        await route.fulfill({ response, body: `${JSON.stringify({ ...line, annotation })}\n` });
    });

    await page.goto(`${server.url}/jobs/${id}`);
    await page.getByRole('button', { name: 'page.bmp' }).click();
    const dialog = page.getByRole('dialog', { name: 'page.bmp' });
    await expect(dialog.locator('rect')).toHaveCount(1);
    for (const size of [{ width: 1280, height: 800 }, { width: 940, height: 640 }, { width: 400, height: 700 }, { width: 1280, height: 500 }]) {
        await page.setViewportSize(size);
        const offset = () =>
            dialog.evaluate(
                (element, { width: whole, box: word }) => {
                    const image = element.querySelector('img')!.getBoundingClientRect();
                    const natural = element.querySelector('img')!;
                    const scale = Math.min(image.width / natural.naturalWidth, image.height / natural.naturalHeight);
                    const left = image.left + (image.width - whole * scale) / 2;
                    const top = image.top + (image.height - natural.naturalHeight * scale) / 2;
                    const mark = element.querySelector('rect')!.getBoundingClientRect();
                    const middle = { x: mark.left + mark.width / 2, y: mark.top + mark.height / 2 };
                    return Math.max(
                        Math.abs(middle.x - left - (word.x + word.width / 2) * scale),
                        Math.abs(middle.y - top - (word.y + word.height / 2) * scale),
                    );
                },
                { width, box },
            );
        await expect.poll(offset, `at ${size.width} × ${size.height}`).toBeLessThan(2);
        const sideways = () =>
            dialog.evaluate((element) =>
                [element, ...element.querySelectorAll('div')]
                    .filter((one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).overflowX !== 'visible')
                    .map((one) => one.className),
            );
        await expect.poll(sideways, `at ${size.width} × ${size.height}`).toEqual([]);
    }
});
