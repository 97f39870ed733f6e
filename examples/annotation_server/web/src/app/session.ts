// SPDX-License-Identifier: BSL-1.0
import { watchedFetch, whenUnauthorized } from './connection';
import { Store } from './store';

/** What `GET /session` says; a server that has no such path needs no key and has no pictures. */
export interface Session {
    signInNeeded: boolean;
    tenant?: string;
    tier?: string;
    annotator?: string;
    pictures: boolean;
}

export interface SessionState {
    session: Session | undefined;
    /** The reader was signed in, and is not any more. */
    expired: boolean;
    /** How often somebody has signed in: what was refused before is asked anew after. */
    signIns: number;
}

export const sessionStore = new Store<SessionState>({ session: undefined, expired: false, signIns: 0 });

const NONE: Session = { signInNeeded: false, pictures: false };

export async function loadSession(): Promise<void> {
    const response = await watchedFetch('/session', { headers: { Accept: 'application/json' } });
    sessionStore.set({ ...sessionStore.get(), session: await read(response), expired: false });
}

/** True where the key is right. */
export async function signIn(key: string): Promise<boolean> {
    // Not the watched one: a wrong key is an answer here, not the end of a session.
    const response = await fetch('/session', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ key }),
    });
    if (response.status === 401) {
        return false;
    }
    if (!response.ok) {
        throw new Error(`The server answered ${response.status}.`);
    }
    sessionStore.set({ session: await read(response), expired: false, signIns: sessionStore.get().signIns + 1 });
    return true;
}

export async function signOut(): Promise<void> {
    await watchedFetch('/session', { method: 'DELETE' });
    await loadSession();
}

async function read(response: Response): Promise<Session> {
    // A server that has the page but no sessions may answer any path with the page.
    if (!response.ok || !response.headers.get('Content-Type')?.includes('json')) {
        return NONE;
    }
    return { ...NONE, ...((await response.json()) as Partial<Session>) };
}

whenUnauthorized(() => {
    const now = sessionStore.get();
    if (now.session && !now.session.signInNeeded) {
        sessionStore.set({ ...now, session: { ...now.session, signInNeeded: true }, expired: true });
    } else if (!now.session) {
        sessionStore.set({ ...now, session: { ...NONE, signInNeeded: true } });
    }
});
