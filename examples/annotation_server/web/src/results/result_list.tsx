// SPDX-License-Identifier: BSL-1.0
import { useState } from 'react';
import { words } from '../api';
import { sessionStore } from '../app/session';
import { useStore } from '../app/store';
import { NARROW, useMedia } from '../ui/use_media';
import { WindowedList } from '../ui/windowed_list';
import { ResultDialog } from './result_dialog';
import { ResultRow } from './result_row';
import type { ResultStore } from './result_store';

/** What became of each item, in the order of ending. */
export function ResultList({ results, live }: { results: ResultStore; live: boolean }) {
    const { count, error } = useStore(results.state);
    const [open, setOpen] = useState<number>();
    const narrow = useMedia(NARROW);
    const { session } = useStore(sessionStore);
    // Where no item can have a picture, an empty frame in each row would say nothing.
    const pictorial = (session?.pictures ?? false) || /^(https?|gs):\/\//i.test(results.line(0)?.itemId ?? '');
    if (count === 0) {
        return (
            <p className="soft">
                {live ? 'The first result appears here as soon as an item has ended.' : 'No item has ended.'}
            </p>
        );
    }
    return (
        <>
            {error !== undefined && (
                <p className="problem" role="alert">
                    Some results could not be read: {words(error)}
                </p>
            )}
            <WindowedList
                // Rows are numbers: what is in them may not have been read yet.
                items={rows(count)}
                keyOf={(index) => index}
                rowRem={pictorial ? (narrow ? 7 : 5.5) : narrow ? 5 : 3.75}
                label="Results, in the order of ending"
                render={(index) => (
                    <ResultRow line={results.line(index)} index={index} pictorial={pictorial} onOpen={setOpen} />
                )}
                onRange={(first, end) => results.show(first, end)}
            />
            {open !== undefined && (
                <ResultDialog
                    results={results}
                    index={open}
                    count={count}
                    onIndex={setOpen}
                    onClose={() => setOpen(undefined)}
                />
            )}
        </>
    );
}

let numbers: number[] = [];

/** 0, 1, 2, …: the same list again as long as there are not more. */
function rows(count: number): readonly number[] {
    if (numbers.length !== count) {
        numbers = Array.from({ length: count }, (_, index) => index);
    }
    return numbers;
}
