// SPDX-License-Identifier: BSL-1.0
import { Store } from './store';

export type Theme = 'system' | 'light' | 'dark';

const NAME = 'batchpace.theme';

export const theme = new Store<Theme>((document.documentElement.dataset.theme as Theme | undefined) ?? 'system');

export function chooseTheme(chosen: Theme): void {
    if (chosen === 'system') {
        delete document.documentElement.dataset.theme;
    } else {
        document.documentElement.dataset.theme = chosen;
    }
    try {
        localStorage.setItem(NAME, chosen);
    } catch {
        // Storage is closed to this page: it lasts until the page is left.
    }
    theme.set(chosen);
}
