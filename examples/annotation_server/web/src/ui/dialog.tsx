// SPDX-License-Identifier: BSL-1.0
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from './button';

interface DialogProps {
    title: ReactNode;
    children: ReactNode;
    /** Escape, the cross, a click beside it. */
    onClose(): void;
    wide?: boolean;
    onKeyDown?(event: KeyboardEvent): void;
}

/** The browser's own modal dialog: it keeps the focus inside, and gives it back. */
export function Dialog({ title, children, onClose, wide, onKeyDown }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    const heading = useId();
    useEffect(() => {
        const element = dialog.current;
        if (element && !element.open) {
            element.showModal();
        }
        return () => element?.close();
    }, []);
    return (
        <dialog
            ref={dialog}
            className={wide ? 'dialog wide' : 'dialog'}
            aria-labelledby={heading}
            onCancel={(event) => {
                event.preventDefault();
                onClose();
            }}
            onMouseDown={(event) => {
                if (event.target === dialog.current) {
                    onClose();
                }
            }}
            onKeyDown={onKeyDown}
        >
            <div className="dialog-body">
                <header className="dialog-head">
                    <h2 id={heading}>{title}</h2>
                    <Button look="quiet" icon="cross" small aria-label="Close" onClick={onClose} />
                </header>
                {children}
            </div>
        </dialog>
    );
}
