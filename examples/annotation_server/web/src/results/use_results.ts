// SPDX-License-Identifier: BSL-1.0
import { useEffect, useMemo, useRef } from 'react';
import { connection } from '../app/connection';
import { useStore } from '../app/store';
import { ResultStore } from './result_store';

const PAUSE = 700;

/**
 * A job's results, as they come. Not by a stream that follows the job: that would hold a connection for as long as the
 * job runs, and a browser has six. The job's own events say when there is something to read.
 */
export function useResults(jobId: string, ended: number): ResultStore {
    const store = useMemo(() => new ResultStore(jobId), [jobId]);
    const target = useRef(ended);
    const told = useRef({ ended: -1, at: -PAUSE });
    const { lost } = useStore(connection);
    useEffect(() => {
        store.open();
        told.current = { ended: -1, at: -PAUSE };
        return () => store.close();
    }, [store]);
    useEffect(() => {
        if (lost) {
            return undefined;
        }
        target.current = ended;
        const look = () => {
            told.current = { ended: target.current, at: performance.now() };
            void store.grow(target.current);
        };
        // At once where the last time is long ago, so that a page that opens shows what there is.
        const wait = told.current.at + PAUSE - performance.now();
        if (wait <= 0 && ended !== told.current.ended) {
            look();
        }
        const timer = setInterval(() => {
            if (target.current !== told.current.ended || store.state.get().error !== undefined) {
                look();
            }
        }, PAUSE);
        return () => clearInterval(timer);
    }, [store, lost, ended]);
    return store;
}
