// SPDX-License-Identifier: BSL-1.0
import type { ButtonHTMLAttributes } from 'react';
import { Icon, type IconName } from './icon';

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
    look?: 'main' | 'plain' | 'quiet' | 'danger';
    icon?: IconName;
    small?: boolean;
    /** Its request is under way: it does nothing, as with `aria-disabled`, but keeps the focus. */
    busy?: boolean | undefined;
}

export function Button({ look = 'plain', icon, small, busy, children, className, onClick, ...rest }: ButtonProps) {
    const off = busy || rest['aria-disabled'] === true;
    const classes = ['button', look, small ? 'little' : '', children === undefined ? 'bare' : '', className ?? ''];
    return (
        <button
            type="button"
            {...rest}
            className={classes.filter(Boolean).join(' ')}
            aria-disabled={off ? true : undefined}
            data-busy={busy ? '' : undefined}
            onClick={off ? (event) => event.preventDefault() : onClick}
        >
            {icon && <Icon name={icon} size={small ? 16 : 18} />}
            {children}
        </button>
    );
}
