// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef, useState, type FormEvent } from 'react';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { signIn } from './session';
import { Brand } from './brand';

/** Asks for a key: at the beginning, and in the middle where it has run out. */
export function SignIn({ expired }: { expired: boolean }) {
    const [key, setKey] = useState('');
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<string>();
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => {
        form.current?.querySelector('input')?.focus();
        document.title = 'Sign in · batchpace';
    }, []);
    const submit = async (event: FormEvent) => {
        event.preventDefault();
        if (busy) {
            return;
        }
        if (key.trim() === '') {
            setProblem('Paste the key that you were given');
            return;
        }
        setBusy(true);
        setProblem(undefined);
        try {
            if (!(await signIn(key.trim()))) {
                setProblem('The server does not know this key');
                form.current?.querySelector('input')?.select();
            }
        } catch (error) {
            setProblem(
                error instanceof TypeError
                    ? 'The server did not answer. Try again in a moment'
                    : (error as Error).message,
            );
        }
        setBusy(false);
    };
    return (
        <main className="sign-in">
            <form ref={form} className="panel" onSubmit={(event) => void submit(event)} noValidate>
                <Brand />
                <div>
                    <h1>{expired ? 'Sign in again' : 'Sign in'}</h1>
                    <p className="soft">
                        {expired
                            ? 'Your key is not accepted any more, or the session has ended. What you were doing is still here.'
                            : 'This server asks for a key. Whoever runs it has one for you.'}
                    </p>
                </div>
                <Field
                    label="Key"
                    type="password"
                    name="key"
                    autoComplete="current-password"
                    spellCheck={false}
                    value={key}
                    onChange={(value) => {
                        setKey(value);
                        setProblem(undefined);
                    }}
                    error={problem}
                />
                <Button type="submit" look="main" busy={busy}>
                    {busy ? 'Signing in…' : 'Sign in'}
                </Button>
            </form>
        </main>
    );
}
