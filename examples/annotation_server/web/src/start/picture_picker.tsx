// SPDX-License-Identifier: BSL-1.0
import { useDeferredValue, useEffect, useState } from 'react';
import { words } from '../api';
import { allPictures, listPictures, type Picture as ServersPicture } from '../app/pictures';
import { bytes } from '../format/bytes';
import { count } from '../format/count';
import { Picture } from '../results/picture';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';

const PAGE = 60;
const MOST = 100_000;

interface PicturePickerProps {
    picked: ReadonlySet<string>;
    onPicked(picked: ReadonlySet<string>): void;
}

/** The pictures that the server has: pick some, or all that a word finds. */
export function PicturePicker({ picked, onPicked }: PicturePickerProps) {
    const [text, setText] = useState('');
    const contains = useDeferredValue(text.trim());
    const [pictures, setPictures] = useState<ServersPicture[]>();
    const [next, setNext] = useState<string>();
    const [problem, setProblem] = useState<string>();
    const [busy, setBusy] = useState(false);

    useEffect(() => {
        const ending = new AbortController();
        const timer = setTimeout(
            () =>
                listPictures({ contains, limit: PAGE }, ending.signal).then(
                    (page) => {
                        setPictures(page.pictures);
                        setNext(page.next);
                        setProblem(undefined);
                    },
                    (error: unknown) => !ending.signal.aborted && setProblem(words(error)),
                ),
            contains === '' ? 0 : 200,
        );
        return () => {
            clearTimeout(timer);
            ending.abort();
        };
    }, [contains]);

    const during = (work: Promise<void>) => {
        setBusy(true);
        setProblem(undefined);
        void work.catch((error: unknown) => setProblem(words(error))).finally(() => setBusy(false));
    };
    const pickAll = async () => {
        const all = await allPictures(contains, MOST);
        onPicked(new Set([...picked, ...all.map((picture) => picture.id)]));
    };
    const showMore = async () => {
        const page = await listPictures({ contains, limit: PAGE, ...(next === undefined ? {} : { after: next }) });
        setPictures([...(pictures ?? []), ...page.pictures]);
        setNext(page.next);
    };
    const toggle = (id: string) => {
        const changed = new Set(picked);
        if (!changed.delete(id)) {
            changed.add(id);
        }
        onPicked(changed);
    };
    return (
        <div className="picker">
            <div className="picker-head">
                <label className="search">
                    <Icon name="search" size={16} />
                    <span className="unseen">Name has</span>
                    <input
                        type="search"
                        placeholder="Name"
                        value={text}
                        onChange={(event) => setText(event.target.value)}
                    />
                </label>
                <Button small busy={busy} onClick={() => during(pickAll())}>
                    {contains === '' ? 'Pick all' : 'Pick all of these'}
                </Button>
                <Button small look="quiet" aria-disabled={picked.size === 0} onClick={() => onPicked(new Set())}>
                    Pick none
                </Button>
                <p className="soft small numbers" role="status">
                    {picked.size > 0 ? `${count(picked.size)} picked` : ''}
                </p>
            </div>
            {problem && (
                <p className="problem" role="alert">
                    The pictures cannot be listed: {problem}
                </p>
            )}
            {pictures?.length === 0 && (
                <p className="soft">
                    {contains === ''
                        ? 'The server’s folder has no pictures. Put some there, or write ids.'
                        : 'No name has that in it.'}
                </p>
            )}
            {pictures && pictures.length > 0 && (
                <ul className="picture-grid">
                    {pictures.map((picture) => (
                        <li key={picture.id}>
                            <label>
                                <input
                                    type="checkbox"
                                    checked={picked.has(picture.id)}
                                    onChange={() => toggle(picture.id)}
                                />
                                <span className="grid-picture">
                                    <Picture id={picture.id} alt="" />
                                    <span className="grid-tick" aria-hidden="true">
                                        <Icon name="check" size={14} />
                                    </span>
                                </span>
                                <span className="cut small" title={picture.id}>
                                    {picture.id}
                                </span>
                                <span className="soft tiny numbers">{bytes(picture.bytes)}</span>
                            </label>
                        </li>
                    ))}
                </ul>
            )}
            {next !== undefined && (
                <Button small busy={busy} onClick={() => during(showMore())}>
                    Show more
                </Button>
            )}
        </div>
    );
}
