// SPDX-License-Identifier: BSL-1.0
import type { Page } from '@playwright/test';

import { expect, QUICK, test } from './test';

/** Goes on with Tab until the focus is on what the words name. */
async function tabTo(page: Page, role: 'link' | 'button' | 'textbox', name: string, most = 30): Promise<void> {
    const wanted = page.getByRole(role, { name, exact: true });
    for (let i = 0; i < most; i += 1) {
        await page.keyboard.press('Tab');
        if (await wanted.evaluateAll((all) => all.some((one) => one === document.activeElement))) {
            return;
        }
    }
    throw new Error(`Tab does not lead to the ${role} ${name}`);
}

test('a batch is started, watched and cancelled without a mouse', async ({ page, serve }) => {
    const server = await serve(QUICK);
    await page.goto(server.url);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await page.keyboard.press('Tab');
    await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
    await tabTo(page, 'link', 'New batch');
    await page.keyboard.press('Enter');
    // Whoever does not see it is told that there is another view now.
    await expect(page.getByRole('heading', { name: 'New batch', level: 1 })).toBeFocused();
    await expect(page).toHaveTitle(/New batch/);

    await tabTo(page, 'textbox', 'Ids, one a line');
    await page.keyboard.type('slow-1\nslow-2');
    await tabTo(page, 'textbox', 'Label');
    await page.keyboard.type('By keys');
    await tabTo(page, 'button', 'Start');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'By keys', level: 1 })).toBeFocused();

    await tabTo(page, 'button', 'Cancel…');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('button', { name: 'Keep it running' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(page.getByRole('button', { name: 'Cancel…' })).toBeFocused();
    await page.keyboard.press('Enter');
    await tabTo(page, 'button', 'Cancel 2 items');
    await page.keyboard.press('Enter');
    await expect(dialog).toBeHidden();
    await expect(page.getByText('Cancelled', { exact: true }).first()).toBeVisible();
});
