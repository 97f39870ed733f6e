// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { Button } from './button';

/** Copies a text, and says so. Absent where the browser does not let pages do it (plain HTTP to another machine). */
export function CopyButton({ text, what }: { text: string; what: string }) {
    const [copied, setCopied] = useState(false);
    useEffect(() => {
        if (!copied) {
            return undefined;
        }
        const timer = setTimeout(() => setCopied(false), 2000);
        return () => clearTimeout(timer);
    }, [copied]);
    if (!navigator.clipboard) {
        return null;
    }
    return (
        <>
            <Button
                look="quiet"
                small
                icon={copied ? 'check' : 'copy'}
                aria-label={`Copy ${what}`}
                title={`Copy ${what}`}
                onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
            />
            <span className="unseen" role="status">
                {copied ? 'Copied' : ''}
            </span>
        </>
    );
}
