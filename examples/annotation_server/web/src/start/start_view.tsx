// SPDX-License-Identifier: BSL-1.0
import { useDeferredValue, useEffect, useMemo, useRef, useState, type DragEvent, type FormEvent } from 'react';
import { api, BatchError, words } from '../api';
import { once } from '../app/once';
import { PageHeading } from '../app/page_heading';
import { navigate } from '../app/router';
import { sessionStore } from '../app/session';
import { useStore } from '../app/store';
import { count, counted } from '../format/count';
import { estimateHint, estimateWords } from '../format/estimate';
import { mergeIds } from '../ids/merge_ids';
import { parseIds, type BadId } from '../ids/parse_ids';
import { readFiles, type IdList } from '../ids/read_files';
import { rememberPace } from '../job/remembered_pace';
import { jobPoller } from '../jobs/job_list';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Segmented } from '../ui/segmented';
import { NO_OPTIONS, OptionsForm, readOptions, type OptionTexts } from './options_form';
import { PicturePicker } from './picture_picker';
import { useEstimate } from './use_estimate';

const MOST = 100_000;

/** A new batch: what, how, and how long it will take. */
export function StartView() {
    const { session } = useStore(sessionStore);
    const hasPictures = session?.pictures ?? false;
    const [source, setSource] = useState<'pictures' | 'ids'>(hasPictures ? 'pictures' : 'ids');
    const [text, setText] = useState('');
    const [lists, setLists] = useState<readonly IdList[]>([]);
    const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
    const [twice, setTwice] = useState(false);
    const [texts, setTexts] = useState<OptionTexts>(NO_OPTIONS);
    const [refused, setRefused] = useState<Partial<Record<keyof OptionTexts, string>>>({});
    const [problem, setProblem] = useState<string>();
    const [busy, setBusy] = useState(false);
    const [over, setOver] = useState(false);
    const chooser = useRef<HTMLInputElement>(null);
    const key = useRef<{ of: string; key: string }>(undefined);

    const typed = useDeferredValue(text);
    const parsed = useMemo(() => parseIds(typed), [typed]);
    const merged = useMemo(
        () => mergeIds([[...picked], parsed.ids, ...lists.map((list) => list.ids)]),
        [picked, parsed, lists],
    );
    const ids = twice ? merged.all : merged.unique;
    const estimate = useEstimate(Math.min(ids.length, MOST));
    const { options, errors } = useMemo(() => readOptions(texts), [texts]);
    const bad: (BadId & { from: string })[] = [
        ...parsed.bad.map((one) => ({ ...one, from: 'Line' })),
        ...lists.flatMap((list) => list.bad.map((one) => ({ ...one, from: `${list.name}, line` }))),
    ];
    const tooMany = ids.length > MOST;
    const ready = ids.length > 0 && !tooMany && Object.keys(errors).length === 0;

    useEffect(() => setRefused({}), [texts]);

    const add = async (files: FileList | null) => {
        if (files && files.length > 0) {
            const read = await readFiles([...files]);
            setLists((now) => [...now, ...read]);
            setSource('ids');
        }
    };
    const drop = (event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        void add(event.dataTransfer.files);
    };
    const start = async (event: FormEvent) => {
        event.preventDefault();
        if (!ready || busy) {
            return;
        }
        setBusy(true);
        setProblem(undefined);
        // The same batch sent again after a lost answer is the same batch; a changed one is another.
        const whole = JSON.stringify([ids, options, twice]);
        if (key.current?.of !== whole) {
            key.current = { of: whole, key: once() };
        }
        try {
            const started = await api.startBatch(ids, {
                ...options,
                ...(twice ? { allowDuplicates: true } : {}),
                idempotencyKey: key.current.key,
            });
            const { concurrency, rateLimitPerMinute, priority } = options;
            rememberPace(started.jobId, {
                ...(concurrency === undefined ? {} : { concurrency }),
                ...(rateLimitPerMinute === undefined ? {} : { rateLimitPerMinute }),
                ...(priority === undefined ? {} : { priority }),
            });
            void jobPoller.now();
            navigate(`/jobs/${started.jobId}`);
        } catch (error) {
            setBusy(false);
            setProblem(words(error));
            if (error instanceof BatchError && error.errors) {
                setRefused(
                    Object.fromEntries(
                        error.errors
                            .filter(({ field }) => field in NO_OPTIONS)
                            .map(({ field, message }) => [field, message]),
                    ),
                );
            }
        }
    };

    return (
        <form
            className="start"
            onSubmit={(event) => void start(event)}
            noValidate
            onDragOver={(event) => {
                if (event.dataTransfer.types.includes('Files')) {
                    event.preventDefault();
                    setOver(true);
                }
            }}
            onDragLeave={(event) => {
                if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
                    setOver(false);
                }
            }}
            onDrop={drop}
            data-over={over ? '' : undefined}
        >
            <div className="view-head">
                <PageHeading title="New batch" />
            </div>
            <div className="start-columns">
                <div className="start-main">
                    <section className="panel" aria-labelledby="what">
                        <div className="panel-head">
                            <h2 id="what">What to annotate</h2>
                            {hasPictures && (
                                <Segmented<'pictures' | 'ids'>
                                    legend="Where the items come from"
                                    value={source}
                                    options={[
                                        {
                                            value: 'pictures',
                                            name: 'Server’s pictures',
                                            count: picked.size || undefined,
                                        },
                                        {
                                            value: 'ids',
                                            name: 'Ids',
                                            count:
                                                parsed.ids.length +
                                                    lists.reduce((sum, list) => sum + list.ids.length, 0) || undefined,
                                        },
                                    ]}
                                    onChange={setSource}
                                />
                            )}
                        </div>
                        {source === 'pictures' ? (
                            <PicturePicker picked={picked} onPicked={setPicked} />
                        ) : (
                            <>
                                <label className="unseen" htmlFor="ids">
                                    Ids, one a line
                                </label>
                                <textarea
                                    id="ids"
                                    className="ids mono"
                                    rows={10}
                                    spellCheck={false}
                                    autoCapitalize="off"
                                    value={text}
                                    placeholder={placeholder(session?.annotator)}
                                    aria-describedby="ids-hint"
                                    onChange={(event) => setText(event.target.value)}
                                />
                                <div className="under-ids">
                                    <p className="soft small" id="ids-hint">
                                        One id a line, or a JSON list. Or drop a text file anywhere here; of pictures,
                                        the names are taken.
                                    </p>
                                    <Button small icon="file" onClick={() => chooser.current?.click()}>
                                        Choose files
                                    </Button>
                                    <input
                                        ref={chooser}
                                        type="file"
                                        multiple
                                        hidden
                                        onChange={(event) => {
                                            void add(event.target.files);
                                            event.target.value = '';
                                        }}
                                    />
                                </div>
                            </>
                        )}
                        {lists.length > 0 && (
                            <ul className="lists" aria-label="Lists">
                                {lists.map((list, index) => (
                                    <li key={index}>
                                        <Icon name={list.names ? 'picture' : 'file'} size={16} />
                                        <span className="cut">{list.name}</span>
                                        <span className="soft small numbers">{counted(list.ids.length, 'id')}</span>
                                        <Button
                                            look="quiet"
                                            small
                                            icon="cross"
                                            aria-label={`Leave out ${list.name}`}
                                            onClick={() => setLists(lists.filter((one) => one !== list))}
                                        />
                                    </li>
                                ))}
                            </ul>
                        )}
                        {lists.some((list) => list.names) && (
                            <p className="soft small">
                                Of pictures only the names are sent. The server must have files of those names.
                            </p>
                        )}
                        {bad.length > 0 && (
                            <div className="problem">
                                <p>{counted(bad.length, 'id')} cannot be used:</p>
                                <ul>
                                    {bad.slice(0, 5).map((one, index) => (
                                        <li key={index}>
                                            {one.from} {count(one.line)} {one.reason}
                                        </li>
                                    ))}
                                    {bad.length > 5 && <li>and {count(bad.length - 5)} more</li>}
                                </ul>
                            </div>
                        )}
                        {merged.duplicates > 0 && (
                            <label className="check">
                                <input
                                    type="checkbox"
                                    checked={twice}
                                    onChange={(event) => setTwice(event.target.checked)}
                                />
                                <span>
                                    {counted(merged.duplicates, 'id is', 'ids are')} there more than once; annotate them
                                    each time
                                </span>
                            </label>
                        )}
                    </section>
                </div>
                <aside className="panel start-side" aria-label="How, and for how long">
                    <OptionsForm texts={texts} errors={{ ...refused, ...errors }} onTexts={setTexts} />
                    <div className="estimate" role="status">
                        <p className="estimate-count numbers">
                            {ids.length === 0 ? 'Nothing chosen yet' : counted(ids.length, 'item')}
                        </p>
                        <p className="estimate-words">
                            {ids.length === 0
                                ? source === 'pictures'
                                    ? 'Pick some pictures, or all of them.'
                                    : 'Write, paste or drop some ids.'
                                : estimate
                                  ? estimateWords(estimate, options)
                                  : '…'}
                        </p>
                        {estimate && ids.length > 0 && (
                            <p className="soft small">{estimateHint(estimate, ids.length)}</p>
                        )}
                    </div>
                    {tooMany && (
                        <p className="problem" role="alert">
                            A batch takes {count(MOST)} items at the most. Make several of it.
                        </p>
                    )}
                    {problem && (
                        <p className="problem" role="alert">
                            {problem}
                        </p>
                    )}
                    <Button
                        type="submit"
                        look="main"
                        icon="play"
                        className="wide-button"
                        aria-disabled={!ready}
                        busy={busy}
                    >
                        {busy ? 'Starting…' : 'Start'}
                    </Button>
                </aside>
            </div>
            {over && (
                <p className="drop-sign" aria-hidden="true">
                    <Icon name="file" size={28} />
                    Drop a list of ids, or pictures for their names
                </p>
            )}
        </form>
    );
}

function placeholder(annotator: string | undefined): string {
    switch (annotator) {
        case 'ocr':
            return 'page.png\nscans/17.jpg';
        case 'vision':
            return 'https://example.org/cat.jpg\ngs://bucket/dog.jpg';
        default:
            return 'first-item\nsecond-item';
    }
}
