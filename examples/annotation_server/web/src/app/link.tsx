// SPDX-License-Identifier: BSL-1.0
import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { navigate } from './router';

/** A link inside the page; with a modifier key it is the browser's, as everywhere. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
    const follow = (event: MouseEvent) => {
        if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
            event.preventDefault();
            navigate(href);
        }
    };
    return <a href={href} onClick={follow} {...rest} />;
}
