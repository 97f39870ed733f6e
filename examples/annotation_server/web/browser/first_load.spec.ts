// SPDX-License-Identifier: BSL-1.0
import { gzipSync } from 'node:zlib';

import { expect, QUICK, test } from './test';

const MOST = 120_000;

test('the first load is at most 120 kB, gzipped, and nothing comes from elsewhere', async ({ page, serve }) => {
    const server = await serve(QUICK);
    const sizes: Promise<readonly [string, number]>[] = [];
    const elsewhere: string[] = [];
    page.on('request', (request) => {
        if (!request.url().startsWith(server.url)) {
            elsewhere.push(request.url());
        }
    });
    page.on('response', (response) => {
        const kind = response.request().resourceType();
        if (['document', 'script', 'stylesheet', 'font', 'image'].includes(kind)) {
            sizes.push(response.body().then((body) => [new URL(response.url()).pathname, gzipSync(body).length] as const));
        }
    });
    await page.goto(server.url, { waitUntil: 'networkidle' });
    const files = await Promise.all(sizes);
    const sum = files.reduce((all, [, size]) => all + size, 0);
    console.log(`first load: ${sum} bytes gzipped (${files.map(([name, size]) => `${name} ${size}`).join(', ')})`);
    expect(files.length).toBeGreaterThan(2);
    expect(sum).toBeLessThanOrEqual(MOST);
    expect(elsewhere).toEqual([]);
});
