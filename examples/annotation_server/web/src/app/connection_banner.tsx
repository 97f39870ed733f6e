// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { countdown } from '../format/duration';
import { clockTime } from '../format/time';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { connection, tryNow } from './connection';
import { useStore } from './store';

/** Says that the server is away, since when, and that it will be asked again. Gone when it is back. */
export function ConnectionBanner() {
    const now = useStore(connection);
    return (
        <div role="status">
            {now.lost && (
                <div className="banner">
                    <Icon name="plug" />
                    <p>
                        <strong>The server cannot be reached</strong> since {clockTime(now.since)}. What you see is from
                        then. <Again at={now.retryAt} />
                    </p>
                    <Button small onClick={tryNow}>
                        Try now
                    </Button>
                </div>
            )}
        </div>
    );
}

function Again({ at }: { at: number }) {
    const [left, setLeft] = useState(at - Date.now());
    useEffect(() => {
        setLeft(at - Date.now());
        const timer = setInterval(() => setLeft(at - Date.now()), 250);
        return () => clearInterval(timer);
    }, [at]);
    // Not read out by the second.
    return (
        <span aria-hidden="true" className="numbers">
            {left > 0 ? `Next try in ${countdown(left)}.` : 'Trying…'}
        </span>
    );
}
