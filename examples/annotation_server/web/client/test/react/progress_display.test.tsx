// SPDX-License-Identifier: BSL-1.0
import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { BatchClient } from 'batchpace-client';
import { BatchClientProvider, BatchProgressDisplay, type BatchProgressDisplayProps } from 'batchpace-client/react';

import { quick } from '../support/server.js';
import { FakeService, type FakeJob } from '../support/service.js';
import { until } from '../support/until.js';

let service: FakeService;
let client: BatchClient;
let job: FakeJob;

beforeEach(async () => {
    service = await FakeService.start();
    client = new BatchClient({ baseUrl: service.url, timing: quick });
    job = service.add(100, { label: 'Holiday' });
});
afterEach(async () => {
    cleanup();
    await service.close();
});

function display(props: Partial<BatchProgressDisplayProps> = {}): ReactNode {
    return (
        <StrictMode>
            <BatchClientProvider client={client}>
                <BatchProgressDisplay jobId={job.id} {...props} />
            </BatchClientProvider>
        </StrictMode>
    );
}

/** What stands below a name in the list of figures. */
const figure = (name: string): string | null | undefined =>
    screen.queryAllByRole('term').find(({ textContent }) => textContent === name)?.nextElementSibling?.textContent;

describe('The display of progress', () => {
    test('has a bar with its value, counts, what runs, and the state', async () => {
        render(display());
        const bar = await screen.findByRole('progressbar', { name: 'Progress of the job' });
        expect(screen.getByRole('region', { name: 'Holiday' })).toBeTruthy();
        job.reach(38, 2, { inFlight: 5 });
        await waitFor(() => expect(bar.getAttribute('aria-valuenow')).toBe('40'));
        expect(bar.getAttribute('aria-valuetext')).toBe('40 %: 40 of 100, processing');
        expect(figure('Processed')).toBe('40 of 100 40\u00a0%');
        expect(figure('Successful')).toBe('38');
        expect(figure('Failed')).toBe('2');
        expect(figure('Running calls')).toBe('5');
        expect(screen.getByText('Processing')).toBeTruthy();
        expect(screen.queryByRole('alert')).toBeNull();
    });

    test('has no value while the total is not known', async () => {
        job.state.totalKnown = false;
        job.state.progress.percentage = null;
        render(display());
        const bar = await screen.findByRole('progressbar');
        expect(bar.hasAttribute('aria-valuenow')).toBe(false);
        expect(bar.getAttribute('aria-valuetext')).toBe('0 of at least 100, processing');
    });

    test('says the time that is left and what is waited for, and counts down', async () => {
        render(display());
        await until(() => service.streams === 1);
        const until_ = new Date(Date.now() + 42_000).toISOString();
        job.reach(10, 0, {
            estimatedTimeRemaining: 125_000,
            waitingFor: { reason: 'rate', scope: 'tenant', until: until_ },
        });
        expect(await screen.findByText(/Waiting for your rate limit/)).toBeTruthy();
        expect(figure('Time left')).toMatch(/^about 2 min [45] s$/);
        const before = screen.getByText(/to go$/).textContent;
        expect(before).toMatch(/^4[0-3] s to go$/);
        await waitFor(() => expect(screen.getByText(/to go$/).textContent).not.toBe(before));
        delete job.state.waitingFor;
        job.reach(11);
        await waitFor(() => expect(screen.queryByText(/Waiting for/)).toBeNull());
    });

    test('lists errors with their attempt, and how often each text was', async () => {
        render(display({ errorLimit: 2 }));
        await until(() => service.streams === 1);
        job.reach(10, 3);
        expect(await screen.findByText('3 items failed')).toBeTruthy();
        const texts = screen.getByRole('list', { name: 'Errors by their text', hidden: true });
        expect(texts.textContent).toBe('3 not a picture');
        const table = await screen.findByRole('table', { name: 'The first 2 of them', hidden: true });
        const rows = within(table).getAllByRole('row', { hidden: true }).slice(1);
        expect(
            rows.map((row) =>
                within(row)
                    .getAllByRole('cell', { hidden: true })
                    .map(({ textContent }) => textContent),
            ),
        ).toEqual([
            ['item-0', 'not a picture', '1'],
            ['item-1', 'not a picture', '1'],
        ]);
        expect(service.server.of('/status').every(({ query }) => query.get('errors') === '2')).toBe(true);
    });

    test('reads out the state and the quarters, and not each item', async () => {
        render(display());
        await until(() => service.streams === 1);
        const live = screen.getByRole('status');
        job.reach(10);
        await waitFor(() => expect(figure('Successful')).toBe('10'));
        expect(live.textContent).toBe('Processing');
        job.reach(26);
        await waitFor(() => expect(live.textContent).toBe('Processing: 25 percent.'));
        job.reach(27);
        await waitFor(() => expect(figure('Successful')).toBe('27'));
        expect(live.textContent).toBe('Processing: 25 percent.');
        job.reach(27, 0, { paused: true });
        await waitFor(() => expect(live.textContent).toBe('Paused: 25 percent.'));
        job.finish(99, 1);
        await waitFor(() => expect(live.textContent).toBe('Completed: 99 items successful, 1 failed.'));
    });

    test('tells the end once, and why it came early', async () => {
        const onFinished = vi.fn();
        const { rerender } = render(display({ onFinished }));
        await until(() => service.streams === 1);
        job.finish(10, 30, 'failed', { stopReason: 'failure_rate' });
        await waitFor(() => expect(onFinished).toHaveBeenCalledTimes(1));
        expect(onFinished.mock.calls[0]?.[0]).toMatchObject({ status: 'failed', errorCount: 30 });
        expect(figure('Ended because')).toBe('too large a part of the items failed');
        expect(figure('Cancelled')).toBe('60');
        expect(figure('Time left')).toBeUndefined();
        rerender(display({ onFinished, title: 'another title' }));
        expect(await screen.findByRole('heading', { name: 'another title' })).toBeTruthy();
        // Another interval is another watch, which hears of the end again.
        rerender(display({ onFinished, pollInterval: 777 }));
        await until(() => service.server.of('/status').filter(({ query }) => query.size === 0).length === 2);
        await until(() => service.server.open.size === 0);
        expect(await screen.findByText('Ended because')).toBeTruthy();
        expect(onFinished).toHaveBeenCalledTimes(1);
    });

    test('says what is the matter where there is no job, and where there is none yet', async () => {
        const { rerender } = render(display({ jobId: undefined }));
        expect(screen.getByText('No job has been started.')).toBeTruthy();
        expect(screen.queryByRole('progressbar')).toBeNull();
        rerender(display({ jobId: 'gone' }));
        const alert = await screen.findByRole('alert');
        expect(alert.textContent).toBe('unknown job. It never was');
    });

    test('says that the server is lost, keeps the figures, and takes it back', async () => {
        render(display());
        await until(() => service.streams === 1);
        job.reach(40);
        await waitFor(() => expect(figure('Successful')).toBe('40'));
        service.before = (_asked, response) => {
            response.socket?.resetAndDestroy();
            return true;
        };
        service.server.drop();
        expect((await screen.findByRole('alert')).textContent).toMatch(/tried again by itself/);
        expect(figure('Successful')).toBe('40');
        expect(screen.getByRole('status').textContent).toBe('The connection to the server is lost.');
        service.before = () => false;
        await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    });
});
