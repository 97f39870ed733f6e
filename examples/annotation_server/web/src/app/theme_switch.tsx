// SPDX-License-Identifier: BSL-1.0
import { Button } from '../ui/button';
import { useStore } from './store';
import { chooseTheme, theme, type Theme } from './theme';

const NEXT: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' };
const NAMES: Record<Theme, string> = { system: 'as the system', light: 'light', dark: 'dark' };
const ICONS = { system: 'system', light: 'sun', dark: 'moon' } as const;

/** Goes round: as the system has it, light, dark. */
export function ThemeSwitch() {
    const now = useStore(theme);
    return (
        <Button
            look="quiet"
            icon={ICONS[now]}
            aria-label={`Theme: ${NAMES[now]}. Change to ${NAMES[NEXT[now]]}`}
            title={`Theme: ${NAMES[now]}`}
            onClick={() => chooseTheme(NEXT[now])}
        />
    );
}
