// SPDX-License-Identifier: BSL-1.0
import { useId, useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Button } from './button';

interface DialogProps {
    title: ReactNode;
    /** What has `data-first` gets the focus; where nothing has, the first thing that can. */
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
    // Closed before it leaves the document: only then does the browser give the focus back to where it was.
    useLayoutEffect(() => {
        const element = dialog.current;
        if (element && !element.open) {
            element.showModal();
            // React's autoFocus comes too early: what is in a closed dialog cannot have the focus.
            element.querySelector<HTMLElement>('[data-first]')?.focus();
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
