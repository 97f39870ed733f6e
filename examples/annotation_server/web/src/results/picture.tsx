// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { sessionStore } from '../app/session';
import { useStore } from '../app/store';
import { Icon } from '../ui/icon';
import { pictureSource } from './picture_source';

interface PictureProps {
    id: string;
    alt: string;
    /** Says in words why there is no picture, not only as a tooltip. */
    explains?: boolean;
    onSize?(width: number, height: number): void;
}

/** An item's picture, or a placeholder that says why there is none. */
export function Picture({ id, alt, explains = false, onSize }: PictureProps) {
    const { session } = useStore(sessionStore);
    const source = pictureSource(id, session?.pictures ?? false);
    const url = 'url' in source ? source.url : undefined;
    const [failed, setFailed] = useState<string>();
    useEffect(() => setFailed(undefined), [url]);
    const missing = 'missing' in source ? source.missing : failed;
    if (missing !== undefined || url === undefined) {
        return (
            <span className={explains ? 'picture none explained' : 'picture none'} title={missing}>
                <Icon name="picture" size={explains ? 28 : 20} />
                <span className={explains ? 'small' : 'unseen'}>{missing}</span>
            </span>
        );
    }
    return (
        <img
            className="picture"
            src={url}
            alt={alt}
            loading="lazy"
            decoding="async"
            referrerPolicy="no-referrer"
            onLoad={(event) => onSize?.(event.currentTarget.naturalWidth, event.currentTarget.naturalHeight)}
            onError={() => {
                setFailed('The picture cannot be shown');
                if ('remote' in source && !source.remote) {
                    void reason(url).then(setFailed);
                }
            }}
        />
    );
}

/** An <img> does not tell why it failed; the answer's status does. */
async function reason(url: string): Promise<string> {
    try {
        const { status } = await fetch(url, { method: 'HEAD' });
        if (status === 404) {
            return 'The server has no picture of this name';
        }
        return status === 200 ? 'The browser cannot show this file' : `The server answered ${status}`;
    } catch {
        return 'The server did not answer';
    }
}
