// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { serverNow } from '../app/clock';

/** The server's time, anew every `interval` milliseconds while `running`. */
export function useNow(interval: number, running = true): number {
    const [now, setNow] = useState(serverNow);
    useEffect(() => {
        if (!running) {
            return undefined;
        }
        setNow(serverNow());
        const timer = setInterval(() => setNow(serverNow()), interval);
        return () => clearInterval(timer);
    }, [interval, running]);
    return now;
}
