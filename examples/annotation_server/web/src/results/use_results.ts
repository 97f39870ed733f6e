// SPDX-License-Identifier: BSL-1.0
import { useEffect, useMemo, useRef } from 'react';
import { connection } from '../app/connection';
import { useStore } from '../app/store';
import { ResultStore } from './result_store';

/**
 * A job's results, as they come. Not by a stream that follows the job: that would hold a connection for as long as the
 * job runs, and a browser has six. The job's own events say when there is something to read.
 */
export function useResults(jobId: string, ended: number): ResultStore {
    const store = useMemo(() => new ResultStore(jobId), [jobId]);
    const target = useRef(ended);
    const { lost } = useStore(connection);
    useEffect(() => {
        target.current = ended;
    }, [ended]);
    useEffect(() => {
        store.open();
        return () => store.close();
    }, [store]);
    useEffect(() => {
        if (lost) {
            return undefined;
        }
        let told = -1;
        const look = () => {
            if (target.current !== told || store.state.get().error !== undefined) {
                told = target.current;
                void store.grow(told);
            }
        };
        look();
        const timer = setInterval(look, 700);
        return () => clearInterval(timer);
    }, [store, lost]);
    return store;
}
