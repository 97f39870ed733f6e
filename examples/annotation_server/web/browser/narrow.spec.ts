// SPDX-License-Identifier: BSL-1.0
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { bmp } from './bmp';
import { expect, names, QUICK, test } from './test';

test.use({ viewport: { width: 400, height: 700 } });

test('nothing is wider than a screen of 400 pixels', async ({ page, serve, folder }) => {
    await writeFile(join(folder, `${'a-long-name-'.repeat(12)}.bmp`), bmp(1000, 200, [200, 30, 30]));
    const server = await serve([...QUICK, '--images', folder]);
    const label = `Wide${'enough'.repeat(12)} and more words than fit into a line`;
    const finished = await server.startBatch([...names('cat', 30), 'bad-1', `${'long'.repeat(80)}`], { label });
    const running = await server.startBatch(names('slow', 3_000), { label: 'Running', concurrency: 100 });

    /** What sticks out, by its class. */
    const excess = () =>
        page.evaluate(() => {
            const most = document.documentElement.clientWidth;
            return document.documentElement.scrollWidth <= most
                ? []
                : [...document.body.querySelectorAll('*')]
                      .filter((one) => one.getBoundingClientRect().right > most + 0.5)
                      .map((one) => `${one.tagName} ${one.getAttribute('class')}`);
        });
    const views = { '/': 'Batches', '/new': 'New batch', [`/jobs/${finished}`]: label, [`/jobs/${running}`]: 'Running' };
    for (const [path, heading] of Object.entries(views)) {
        await page.goto(server.url + path);
        await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
        await expect.poll(excess, path).toEqual([]);
    }
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    const box = await page.getByRole('dialog').boundingBox();
    expect(box!.width).toBeLessThanOrEqual(400);
    await expect.poll(excess, 'the dialog').toEqual([]);
});
