// SPDX-License-Identifier: BSL-1.0
import { cleanup, renderHook, waitFor } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { BatchClient } from 'batchpace-client';
import { BatchClientProvider, useBatchProcessor } from 'batchpace-client/react';

import { problem, quick } from '../support/server.js';
import { FakeService, type FakeJob } from '../support/service.js';
import { until } from '../support/until.js';

let service: FakeService;
let client: BatchClient;
let job: FakeJob;

beforeEach(async () => {
    service = await FakeService.start();
    client = new BatchClient({ baseUrl: service.url, timing: quick });
    job = service.add(100);
});
afterEach(async () => {
    cleanup();
    await service.close();
    vi.restoreAllMocks();
});

const inProvider = ({ children }: { children: ReactNode }): ReactNode => (
    <BatchClientProvider client={client}>{children}</BatchClientProvider>
);
const inStrictMode = ({ children }: { children: ReactNode }): ReactNode => (
    <StrictMode>{inProvider({ children })}</StrictMode>
);
const eventStreams = () => service.server.of('/events');

describe('useBatchProcessor', () => {
    test('tells progress, milestones and the end', async () => {
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        expect(result.current).toMatchObject({
            progress: undefined,
            isPolling: false,
            error: undefined,
            milestones: [],
        });
        await waitFor(() => expect(result.current.transport).toBe('stream'));
        job.reach(50);
        await waitFor(() => expect(result.current.progress?.percentage).toBe(50));
        expect(result.current.milestones.map(({ percentage }) => percentage)).toEqual([25, 50]);
        expect(result.current.job?.jobId).toBe(job.id);
        expect(result.current.final).toBeUndefined();
        job.finish(99, 1);
        await waitFor(() => expect(result.current.final?.errors).toHaveLength(1));
        expect(result.current).toMatchObject({ isPolling: false, error: undefined });
        expect(result.current.milestones).toHaveLength(4);
        expect(service.streams).toBe(0);
    });

    test('waits without an id, and asks nothing', async () => {
        const { result, rerender } = renderHook(({ id }: { id: string | undefined }) => useBatchProcessor(id), {
            wrapper: inProvider,
            initialProps: { id: undefined as string | undefined },
        });
        expect(result.current.progress).toBeUndefined();
        expect(service.server.asked).toHaveLength(0);
        rerender({ id: job.id });
        await waitFor(() => expect(result.current.progress?.total).toBe(100));
    });

    test('ends its stream when the component goes', async () => {
        const { unmount } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await until(() => service.streams === 1);
        unmount();
        await until(() => service.streams === 0 && service.server.open.size === 0);
    });

    test('opens one stream in StrictMode, and says each milestone once', async () => {
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inStrictMode });
        await until(() => service.streams === 1);
        job.reach(50);
        await waitFor(() => expect(result.current.milestones.map(({ percentage }) => percentage)).toEqual([25, 50]));
        expect(eventStreams()).toHaveLength(1);
    });

    test('shows nothing of the job before when the id changes, not even in the first rendering', async () => {
        const other = service.add(7);
        const seen: (readonly [string, number | undefined])[] = [];
        const { result, rerender } = renderHook(
            ({ id }) => {
                const state = useBatchProcessor(id);
                seen.push([id, state.progress?.total]);
                return state;
            },
            { wrapper: inProvider, initialProps: { id: job.id } },
        );
        await waitFor(() => expect(result.current.progress?.total).toBe(100));
        rerender({ id: other.id });
        expect(result.current.progress).toBeUndefined();
        await waitFor(() => expect(result.current.progress?.total).toBe(7));
        expect(seen.filter(([id, total]) => id === other.id && total === 100)).toEqual([]);
        await until(() => service.streams === 1);
        job.reach(80);
        other.reach(3);
        await waitFor(() => expect(result.current.progress?.processed).toBe(3));
    });

    test('polls where there is no stream, and says so, and goes back to the stream', async () => {
        let refused = true;
        service.before = (asked, response) => {
            if (!asked.path.endsWith('/events') || !refused) return false;
            problem(response, 503, 'too-many-streams');
            return true;
        };
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await waitFor(() => expect(result.current.isPolling).toBe(true));
        job.reach(30);
        await waitFor(() => expect(result.current.progress?.processed).toBe(30));
        expect(result.current.error).toBeUndefined();
        refused = false;
        await waitFor(() => expect(result.current.isPolling).toBe(false));
        expect(result.current.transport).toBe('stream');
        expect(result.current.progress?.processed).toBe(30);
    });

    test('says that the server is lost, keeps what it knows, and is well again when the server is back', async () => {
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await until(() => service.streams === 1);
        job.reach(40);
        await waitFor(() => expect(result.current.progress?.processed).toBe(40));
        service.before = (_asked, response) => {
            response.socket?.resetAndDestroy();
            return true;
        };
        service.server.drop();
        await waitFor(() => expect(result.current.error?.status).toBe(0));
        expect(result.current.transport).toBe('lost');
        expect(result.current.progress?.processed).toBe(40);
        service.before = () => false;
        await waitFor(() => expect(result.current.error).toBeUndefined());
        expect(result.current.progress?.processed).toBe(40);
    });

    test('says that there is no such job', async () => {
        const { result } = renderHook(() => useBatchProcessor('gone'), { wrapper: inProvider });
        await waitFor(() => expect(result.current.error?.is('unknown-job')).toBe(true));
        expect(result.current).toMatchObject({ progress: undefined, isPolling: false });
    });

    test('of the same job, several times on a page, shares one stream', async () => {
        const { result } = renderHook(
            () => [useBatchProcessor(job.id), useBatchProcessor(job.id), useBatchProcessor(job.id)],
            {
                wrapper: inStrictMode,
            },
        );
        await until(() => service.streams === 1);
        job.reach(20);
        await waitFor(() => expect(result.current.map(({ progress }) => progress?.processed)).toEqual([20, 20, 20]));
        expect(eventStreams()).toHaveLength(1);
    });

    test('gives its stream up while nobody looks at the page, goes on slowly, and takes it up again', async () => {
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await until(() => service.streams === 1);
        const visibility = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
        document.dispatchEvent(new Event('visibilitychange'));
        await until(() => service.streams === 0);
        job.reach(30);
        await waitFor(() => expect(result.current.progress?.processed).toBe(30));
        expect(result.current).toMatchObject({ isPolling: true, error: undefined });
        expect(service.streams).toBe(0);
        visibility.mockReturnValue('visible');
        document.dispatchEvent(new Event('visibilitychange'));
        await until(() => service.streams === 1);
        expect(eventStreams().at(-1)?.headers['last-event-id']).toBeDefined();
        await waitFor(() => expect(result.current.isPolling).toBe(false));
    });

    test('asks at once when the network is there again', async () => {
        client = new BatchClient({ baseUrl: service.url, timing: { ...quick, backoff: 600_000, maxBackoff: 600_000 } });
        service.before = (_asked, response) => {
            response.socket?.resetAndDestroy();
            return true;
        };
        const { result } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await waitFor(() => expect(result.current.transport).toBe('lost'));
        service.before = () => false;
        window.dispatchEvent(new Event('online'));
        await waitFor(() => expect(result.current.progress?.total).toBe(100));
        expect(result.current.error).toBeUndefined();
    });

    test('follows another client', async () => {
        const { result, rerender } = renderHook(() => useBatchProcessor(job.id), { wrapper: inProvider });
        await waitFor(() => expect(result.current.progress?.total).toBe(100));
        const elsewhere = await FakeService.start();
        client = new BatchClient({ baseUrl: elsewhere.url, timing: quick });
        rerender();
        await waitFor(() => expect(result.current.error?.is('unknown-job')).toBe(true));
        expect(result.current.progress).toBeUndefined();
        await elsewhere.close();
    });

    test('without a provider says what is missing', () => {
        vi.spyOn(console, 'error').mockImplementation(() => {});
        expect(() => renderHook(() => useBatchProcessor(job.id))).toThrow('There is no <BatchClientProvider>');
    });
});
