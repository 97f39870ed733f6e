// SPDX-License-Identifier: BSL-1.0
import { useEffect, useState } from 'react';
import { words } from '../api';
import { Link } from '../app/link';
import { allPictures, type Picture as ServersPicture } from '../app/pictures';
import { navigate } from '../app/router';
import { startAll } from '../app/start_all';
import { sessionStore } from '../app/session';
import { useStore } from '../app/store';
import { counted } from '../format/count';
import { Picture } from '../results/picture';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { jobPoller } from './job_list';

const MOST = 1000;
const SHOWN = 8;

/** What somebody sees who has not run anything yet: something to do with one click. */
export function FirstBatch() {
    const { session } = useStore(sessionStore);
    const [pictures, setPictures] = useState<ServersPicture[]>();
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<string>();
    const has = session?.pictures ?? false;
    useEffect(() => {
        if (!has) {
            return undefined;
        }
        const ending = new AbortController();
        allPictures('', MOST, ending.signal).then(setPictures, () => {});
        return () => ending.abort();
    }, [has]);

    const start = async (ids: readonly string[], label: string) => {
        setBusy(true);
        setProblem(undefined);
        try {
            const id = await startAll(ids, label);
            void jobPoller.now();
            navigate(`/jobs/${id}`);
        } catch (error) {
            setProblem(words(error));
            setBusy(false);
        }
    };
    const synthetic = session?.annotator === 'synthetic';
    const any = pictures !== undefined && pictures.length > 0;
    return (
        <div className="empty first">
            <h2>Nothing has run yet</h2>
            <p className="soft">
                A batch is a list of items that are annotated one by one, no faster than the service behind this server
                allows. You can watch it, pause it, change its pace, and look at what came out.
            </p>
            {any && (
                <ul className="strip" aria-hidden="true">
                    {pictures.slice(0, SHOWN).map((picture) => (
                        <li key={picture.id}>
                            <Picture id={picture.id} alt="" />
                        </li>
                    ))}
                </ul>
            )}
            <div className="empty-actions">
                {any && (
                    <Button
                        look="main"
                        icon="play"
                        busy={busy}
                        onClick={() =>
                            void start(
                                pictures.map((picture) => picture.id),
                                'Sample pictures',
                            )
                        }
                    >
                        Annotate the {counted(pictures.length, 'sample picture')}
                    </Button>
                )}
                {synthetic && (
                    <Button
                        look="main"
                        icon="play"
                        busy={busy}
                        onClick={() =>
                            void start(
                                Array.from({ length: 200 }, (_, index) => `item-${String(index + 1).padStart(3, '0')}`),
                                'A first try',
                            )
                        }
                    >
                        Run 200 made-up items
                    </Button>
                )}
                <Link className={any || synthetic ? 'button plain' : 'button main'} href="/new">
                    <Icon name="plus" />
                    {any || synthetic ? 'Choose what to annotate' : 'Start the first batch'}
                </Link>
            </div>
            {problem && (
                <p className="problem" role="alert">
                    {problem}
                </p>
            )}
        </div>
    );
}
