// SPDX-License-Identifier: BSL-1.0
import { Button } from '../ui/button';
import { Brand } from './brand';
import { connection } from './connection';
import { Link } from './link';
import type { Route } from './router';
import { signOut, type Session } from './session';
import { useStore } from './store';
import { ThemeSwitch } from './theme_switch';

export function Header({ route, session }: { route: Route; session: Session }) {
    const { lost } = useStore(connection);
    const here = (view: Route['view']) => (route.view === view ? ({ 'aria-current': 'page' } as const) : {});
    return (
        <header className="header">
            <a className="skip" href="#main">
                Skip to the content
            </a>
            <div className="header-in">
                <Link href="/" className="brand-link" aria-label="batchpace, all batches">
                    <Brand />
                </Link>
                <nav aria-label="Views">
                    <Link href="/" {...here('jobs')}>
                        Batches
                    </Link>
                    <Link href="/new" {...here('start')}>
                        New batch
                    </Link>
                </nav>
                <div className="header-end">
                    <span
                        className="live"
                        data-lost={lost ? '' : undefined}
                        title={lost ? 'The server cannot be reached' : 'Connected to the server'}
                    >
                        <span className="live-dot" aria-hidden="true" />
                        <span className="live-word small">{lost ? 'Offline' : 'Live'}</span>
                    </span>
                    {session.tenant && (
                        <span className="tenant small" title={session.tier ? `Tier: ${session.tier}` : undefined}>
                            {session.tenant}
                            {session.tier && <span className="soft"> · {session.tier}</span>}
                        </span>
                    )}
                    <ThemeSwitch />
                    {session.tenant && (
                        <Button
                            look="quiet"
                            icon="leave"
                            aria-label="Sign out"
                            title="Sign out"
                            onClick={() => void signOut().catch(() => {})}
                        />
                    )}
                </div>
            </div>
        </header>
    );
}
