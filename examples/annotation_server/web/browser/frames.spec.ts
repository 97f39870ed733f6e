// SPDX-License-Identifier: BSL-1.0
import { expect, names, test } from './test';

const JOBS = 1000;
const SECONDS = 5;
const LONGEST = 100;

test('a thousand active batches are listed and updated without a frame longer than 100 ms', async ({ page, serve }) => {
    // Each batch has something to tell several times while it is watched: 300 items a second end.
    const server = await serve(['--annotator', 'synthetic', '--latency-ms', '1000', '--max-concurrency', '300']);
    const items = names('cat', 500);
    for (let started = 0; started < JOBS; started += 50) {
        await Promise.all(Array.from({ length: 50 }, (_, i) => server.startBatch(items, { label: `Batch ${started + i}` })));
    }
    await page.goto(server.url);
    const rows = page.getByRole('list', { name: 'Batches, newest first' }).getByRole('listitem');
    await expect(rows.first()).toHaveAttribute('aria-setsize', String(JOBS));
    await expect(rows.first()).toBeVisible();

    const { gaps, changes } = await page.evaluate(async (seconds) => {
        const list = document.querySelector('[aria-label="Batches, newest first"]')!;
        let seen = 0;
        const watch = new MutationObserver((mutations) => (seen += mutations.length));
        watch.observe(list, { subtree: true, characterData: true, attributes: true, childList: true });
        const times: number[] = [];
        let last = performance.now();
        const end = last + seconds * 1000;
        await new Promise<void>((resolve) => {
            const frame = () => {
                const now = performance.now();
                times.push(now - last);
                last = now;
                // In its second half it is scrolled as well.
                if (now > end - seconds * 500) {
                    window.scrollBy(0, 40);
                }
                if (now < end) {
                    requestAnimationFrame(frame);
                } else {
                    resolve();
                }
            };
            requestAnimationFrame(frame);
        });
        watch.disconnect();
        return { gaps: times, changes: seen };
    }, SECONDS);
    gaps.sort((a, b) => a - b);
    const longest = gaps.at(-1)!;
    console.log(
        `${JOBS} active batches: ${gaps.length} frames in ${SECONDS} s, median ${gaps[gaps.length >> 1]!.toFixed(1)} ms, ` +
            `99 % within ${gaps[Math.floor(gaps.length * 0.99)]!.toFixed(1)} ms, longest ${longest.toFixed(1)} ms; ${changes} changes`,
    );
    expect(changes).toBeGreaterThan(50);
    expect(longest).toBeLessThanOrEqual(LONGEST);
});
