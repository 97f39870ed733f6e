// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Link } from './link';
import { dismiss, notices, type Notice } from './notices';
import { useStore } from './store';

const LASTS = 8000;
const ICONS = { plain: 'bell', good: 'check', bad: 'partly' } as const;

/** What has just happened, in a corner; read out politely, gone after a while, or at once by its cross. */
export function Notices() {
    const shown = useStore(notices);
    return (
        <section className="notices" aria-label="Notices" aria-live="polite" aria-relevant="additions text">
            {shown.map((notice) => (
                <NoticeCard key={notice.key} notice={notice} />
            ))}
        </section>
    );
}

function NoticeCard({ notice }: { notice: Notice }) {
    const [held, setHeld] = useState(false);
    useEffect(() => {
        if (held || notice.stays) {
            return undefined;
        }
        const timer = setTimeout(() => dismiss(notice.key), LASTS);
        return () => clearTimeout(timer);
    }, [held, notice.key, notice.stays, notice.stamp]);
    return (
        <div
            className="notice"
            data-tone={notice.tone}
            onMouseEnter={() => setHeld(true)}
            onMouseLeave={() => setHeld(false)}
            onFocus={() => setHeld(true)}
            onBlur={() => setHeld(false)}
        >
            <Icon name={ICONS[notice.tone]} />
            <div className="notice-words">
                <p className="notice-title">
                    {notice.href ? <Link href={notice.href}>{notice.title}</Link> : notice.title}
                </p>
                {notice.text && <p className="soft small numbers">{notice.text}</p>}
            </div>
            <Button look="quiet" icon="cross" small aria-label="Dismiss" onClick={() => dismiss(notice.key)} />
        </div>
    );
}
