// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';

/** The time, Date.now(), which goes on each second while `running`. */
export function useNow(running: boolean): number {
    const [now, setNow] = useState(() => Date.now());
    useEffect(() => {
        if (!running) return undefined;
        setNow(Date.now());
        const timer = setInterval(() => setNow(Date.now()), 1_000);
        return () => clearInterval(timer);
    }, [running]);
    return now;
}
