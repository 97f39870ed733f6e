// SPDX-License-Identifier: BSL-1.0
import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { StrictMode, type ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { BatchClient } from 'batchpace-client';
import { AdminBatchDashboard, BatchClientProvider, type AdminBatchDashboardProps } from 'batchpace-client/react';

import { problem, quick } from '../support/server.js';
import { FakeService } from '../support/service.js';
import { until } from '../support/until.js';

let service: FakeService;
let client: BatchClient;

beforeEach(async () => {
    service = await FakeService.start();
    client = new BatchClient({ baseUrl: service.url, timing: quick });
});
afterEach(async () => {
    cleanup();
    await service.close();
});

function board(props: AdminBatchDashboardProps = {}): ReactNode {
    return (
        <StrictMode>
            <BatchClientProvider client={client}>
                <AdminBatchDashboard pollInterval={20} {...props} />
            </BatchClientProvider>
        </StrictMode>
    );
}

const names = (): (string | null | undefined)[] =>
    screen.queryAllByRole('listitem').map((row) => row.querySelector('.bp-job__name')?.textContent);

describe('The board of active jobs', () => {
    test('lists those that wait and those that run, the newest first, and the totals', async () => {
        service.add(10, { label: 'old' }).reach(5, 2);
        service.add(10, { label: 'over' }).finish(10);
        service.add(10, { label: 'new', status: 'pending' });
        render(board());
        await waitFor(() => expect(names()).toEqual(['new', 'old']));
        expect(screen.getByRole('progressbar', { name: 'Progress of old' }).getAttribute('aria-valuenow')).toBe('70');
        expect(screen.getByText(/7 of 10, 2 failed/)).toBeTruthy();
        expect(screen.getByText('Waiting to start')).toBeTruthy();
        expect(screen.getByText('5,120')).toBeTruthy();
    });

    test('follows the server: jobs move on, come and go', async () => {
        const first = service.add(10, { label: 'first' });
        render(board());
        await waitFor(() => expect(names()).toEqual(['first']));
        first.reach(4);
        await waitFor(() => expect(screen.getByText(/4 of 10/)).toBeTruthy());
        service.add(10, { label: 'second' });
        await waitFor(() => expect(names()).toEqual(['second', 'first']));
        first.finish(10);
        await waitFor(() => expect(names()).toEqual(['second']));
    });

    test('says what to do where there is none', async () => {
        render(board());
        expect(await screen.findByText(/No job is active/)).toBeTruthy();
    });

    test('pauses and resumes, and says what it has done', async () => {
        const user = userEvent.setup();
        const job = service.add(10, { label: 'Holiday' });
        render(board());
        await user.click(await screen.findByRole('button', { name: 'Pause Holiday' }));
        expect(await screen.findByRole('button', { name: 'Resume Holiday' })).toBeTruthy();
        expect(screen.getByText('Paused')).toBeTruthy();
        expect(screen.getByRole('status').textContent).toBe('Holiday: paused.');
        expect(job.state.paused).toBe(true);
        await user.click(screen.getByRole('button', { name: 'Resume Holiday' }));
        expect(await screen.findByRole('button', { name: 'Pause Holiday' })).toBeTruthy();
        expect(job.state.paused).toBe(false);
        // Somebody else pauses it.
        job.reach(0, 0, { paused: true });
        expect(await screen.findByRole('button', { name: 'Resume Holiday' })).toBeTruthy();
    });

    test('asks before it cancels, and says what would be lost', async () => {
        const user = userEvent.setup();
        const job = service.add(100, { label: 'Holiday' });
        job.reach(30, 7, { inFlight: 5 });
        render(board());
        const cancel = await screen.findByRole('button', { name: 'Cancel Holiday' });
        await user.click(cancel);
        const question = screen.getByRole('alertdialog', { name: 'Cancel Holiday?' });
        expect(question.textContent).toMatch(
            /63 of 100 items have not been processed, and will not be\. 5 running calls/,
        );
        // The harmless answer has the focus, and Escape is it as well.
        expect(document.activeElement).toBe(within(question).getByRole('button', { name: 'Keep it' }));
        await user.keyboard('{Escape}');
        expect(screen.queryByRole('alertdialog')).toBeNull();
        expect(document.activeElement).toBe(cancel);
        expect(job.state.status).toBe('processing');
        expect(service.server.of('/cancel')).toHaveLength(0);

        await user.click(cancel);
        await user.click(screen.getByRole('button', { name: 'Cancel the job' }));
        await waitFor(() => expect(names()).toEqual([]));
        expect(job.state.status).toBe('cancelled');
        expect(screen.getByRole('status').textContent).toBe('Holiday: cancelled.');
    });

    test('shows what it has done at once, without waiting for its next look at the server', async () => {
        const user = userEvent.setup();
        service.add(10, { label: 'one' });
        service.add(10, { label: 'two' });
        render(board());
        const cancel = await screen.findByRole('button', { name: 'Cancel one' });
        service.before = (asked) => asked.path === '/jobs';
        await user.click(screen.getByRole('button', { name: 'Pause two' }));
        expect(await screen.findByRole('button', { name: 'Resume two' })).toBeTruthy();
        await user.click(cancel);
        await user.click(screen.getByRole('button', { name: 'Cancel the job' }));
        await waitFor(() => expect(names()).toEqual(['two']));
        expect(screen.getByText('Paused')).toBeTruthy();
    });

    test('says why something could not be done', async () => {
        const user = userEvent.setup();
        const job = service.add(10, { label: 'Holiday' });
        render(board());
        const pause = await screen.findByRole('button', { name: 'Pause Holiday' });
        service.before = (asked) => {
            if (asked.path.endsWith('/pause')) job.finish(10);
            return false;
        };
        await user.click(pause);
        await waitFor(() =>
            expect(screen.getByRole('status').textContent).toMatch(/^Holiday could not be paused\. .*It is over$/),
        );
        await waitFor(() => expect(names()).toEqual([]));
    });

    test('does a thing once, however often it is clicked', async () => {
        const user = userEvent.setup();
        service.add(10, { label: 'Holiday' });
        render(board());
        const pause = await screen.findByRole('button', { name: 'Pause Holiday' });
        service.before = (asked) => asked.path.endsWith('/pause');
        await user.click(pause);
        await user.click(pause);
        await user.click(screen.getByRole('button', { name: 'Cancel Holiday' }));
        expect(pause.getAttribute('aria-disabled')).toBe('true');
        expect(screen.queryByRole('alertdialog')).toBeNull();
        await until(() => service.server.of('/pause').length === 1);
    });

    test('keeps what it knows where the server is lost, says so, and comes back by itself', async () => {
        service.add(10, { label: 'Holiday' });
        render(board());
        await waitFor(() => expect(names()).toEqual(['Holiday']));
        service.before = (_asked, response) => {
            response.socket?.resetAndDestroy();
            return true;
        };
        const alert = await screen.findByRole('alert');
        expect(alert.textContent).toMatch(/may be out of date\. It is tried again by itself/);
        expect(names()).toEqual(['Holiday']);
        service.before = () => false;
        await waitFor(() => expect(screen.queryByRole('alert')).toBeNull());
    });

    test('does without the totals where they are not for everybody', async () => {
        service.add(10, { label: 'Holiday' });
        service.before = (asked, response) => {
            if (asked.path !== '/stats') return false;
            problem(response, 403, 'cross-origin');
            return true;
        };
        render(board());
        await waitFor(() => expect(names()).toEqual(['Holiday']));
        expect(screen.queryByLabelText('Totals of the server')).toBeNull();
        expect(screen.queryByRole('alert')).toBeNull();
    });

    test('lists as many as it may, says that there are more, and opens one', async () => {
        const user = userEvent.setup();
        const onOpen = vi.fn();
        const jobs = Array.from({ length: 5 }, (_, index) =>
            service.add(10, { label: `job ${index}`, status: index % 2 === 0 ? 'pending' : 'processing' }),
        );
        render(board({ limit: 3, onOpen }));
        await waitFor(() => expect(names()).toEqual(['job 4', 'job 3', 'job 2']));
        expect(screen.getByText(/More jobs are active/)).toBeTruthy();
        await user.click(screen.getByRole('button', { name: 'job 3' }));
        expect(onOpen).toHaveBeenCalledExactlyOnceWith(jobs[3]?.id);
    });

    test('asks no more when it is gone', async () => {
        const { unmount } = render(board());
        await until(() => service.server.asked.length > 5);
        unmount();
        await until(() => service.server.open.size === 0);
        const asked = service.server.asked.length;
        const later = performance.now() + 200;
        await until(() => performance.now() > later);
        expect(service.server.asked.length).toBe(asked);
    });
});
