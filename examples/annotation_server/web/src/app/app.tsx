// SPDX-License-Identifier: BSL-1.0
import { useEffect, useRef } from 'react';
import { JobView } from '../job/job_view';
import { forgetJobs, jobPoller } from '../jobs/job_list';
import { JobsView } from '../jobs/jobs_view';
import { StartView } from '../start/start_view';
import { connection } from './connection';
import { ConnectionBanner } from './connection_banner';
import { Header } from './header';
import { Link } from './link';
import { Notices } from './notice_list';
import { PageHeading } from './page_heading';
import { pathStore, routeOf, type Route } from './router';
import { loadSession, sessionStore } from './session';
import { SignIn } from './sign_in';
import { useStore } from './store';

export function App() {
    const { session, expired, signIns } = useStore(sessionStore);
    const { lost } = useStore(connection);
    const route = routeOf(useStore(pathStore));
    const tenant = useRef<string>(undefined);

    // Until the server has said who asks, there is nothing to show; when it comes back, it is asked again.
    useEffect(() => {
        if (!lost && session === undefined) {
            loadSession().catch(() => {});
        }
    }, [lost, session]);
    useEffect(() => jobPoller.use(), []);
    useEffect(() => {
        if (session && !session.signInNeeded) {
            if (tenant.current !== undefined && tenant.current !== (session.tenant ?? '')) {
                forgetJobs();
            }
            tenant.current = session.tenant ?? '';
        }
    }, [session]);

    if (session === undefined) {
        return (
            <>
                <ConnectionBanner />
                <main className="page">
                    <p className="soft loading">
                        {lost ? 'The page comes up as soon as the server answers.' : 'Loading…'}
                    </p>
                </main>
            </>
        );
    }
    const signIn = session.signInNeeded;
    return (
        <>
            {signIn && <ConnectionBanner />}
            {signIn && <SignIn expired={expired} />}
            {/* Who has to sign in again in the middle of something finds it as it was. */}
            {(!signIn || expired) && (
                <div hidden={signIn} inert={signIn}>
                    <Header route={route} session={session} />
                    {!signIn && <ConnectionBanner />}
                    <main className="page" id="main" tabIndex={-1}>
                        <View route={route} signIns={signIns} />
                    </main>
                    <Notices />
                </div>
            )}
        </>
    );
}

function View({ route, signIns }: { route: Route; signIns: number }) {
    switch (route.view) {
        case 'jobs':
            return <JobsView />;
        case 'start':
            return <StartView />;
        case 'job':
            // Whoever signs in again in the middle of it has it watched anew: a refused watch does not come back.
            return <JobView key={`${route.id} ${signIns}`} id={route.id} />;
        case 'lost':
            return (
                <div className="empty">
                    <PageHeading title="There is no such page" />
                    <p className="soft">The address may be mistyped.</p>
                    <Link className="button plain" href="/">
                        All batches
                    </Link>
                </div>
            );
    }
}
