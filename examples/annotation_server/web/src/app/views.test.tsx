// SPDX-License-Identifier: BSL-1.0
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchClientProvider } from 'batchpace-client/react';
import { api, type JobState } from '../api';
import { CancelDialog } from '../jobs/cancel_dialog';
import { forgetJobs } from '../jobs/job_list';
import { App } from './app';
import { connection, tryNow } from './connection';
import { notices } from './notices';
import { navigate, routeOf } from './router';
import { sessionStore } from './session';

const ID = '019b7c6f-1a2b-7c3d-8e4f-5a6b7c8d9e0f';

function job(more: Partial<JobState> = {}): JobState {
    return {
        jobId: ID,
        status: 'processing',
        version: 3,
        progress: { total: 100, processed: 40, successful: 39, failed: 1, percentage: 40 },
        totalKnown: true,
        waiting: 53,
        inFlight: 5,
        retrying: 2,
        cancelled: 0,
        abandoned: 0,
        paused: false,
        stalled: false,
        createdAt: '2026-01-02T03:04:05.678Z',
        startedAt: '2026-01-02T03:04:05.680Z',
        label: 'Holiday',
        milestones: [],
        errorCount: 1,
        errorDistribution: { 'not a picture': 1 },
        ...more,
    };
}

type Answer = [number, unknown] | 'away' | 'a page';
let answers: Record<string, Answer>;
let requests: [string, string, unknown][];

function json(status: number, body: unknown): Response {
    return new Response(status === 204 ? null : JSON.stringify(body), {
        status,
        headers: { 'Content-Type': 'application/json' },
    });
}

beforeEach(() => {
    requests = [];
    answers = {
        'GET /session': [200, { signInNeeded: false, annotator: 'ocr', pictures: true }],
        'GET /pictures': [
            200,
            {
                pictures: [
                    { id: 'cat.png', bytes: 10 },
                    { id: 'dog.png', bytes: 20 },
                ],
            },
        ],
        'GET /api/batch/annotations/jobs': [200, { jobs: [] }],
        'GET /api/batch/annotations/active': [200, { jobs: [] }],
        'GET /healthz': [200, { status: 'ok' }],
    };
    vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
        const path = String(url).split('?')[0]!;
        const method = init.method ?? 'GET';
        requests.push([method, path, typeof init.body === 'string' ? JSON.parse(init.body) : undefined]);
        const answer = answers[`${method} ${path}`] ?? [
            404,
            { type: 'urn:batchpace:problem:unknown-path', title: 'There is nothing here', status: 404 },
        ];
        if (answer === 'away') {
            throw new TypeError('Failed to fetch');
        }
        if (answer === 'a page') {
            return new Response('<!doctype html>', { headers: { 'Content-Type': 'text/html; charset=utf-8' } });
        }
        return json(...answer);
    });
    vi.stubGlobal('scrollTo', () => {});
    // jsdom has the element, but not what makes it modal.
    HTMLDialogElement.prototype.showModal = function () {
        this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
        this.open = false;
    };
    sessionStore.set({ session: undefined, expired: false, signIns: 0 });
    connection.set({ lost: false });
    notices.set([]);
    forgetJobs();
    navigate('/');
});

afterEach(() => {
    cleanup();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
});

const page = () =>
    render(
        <BatchClientProvider client={api}>
            <App />
        </BatchClientProvider>,
    );

describe('paths', () => {
    it('lead to views', () => {
        expect(routeOf('/')).toEqual({ view: 'jobs' });
        expect(routeOf('/new')).toEqual({ view: 'start' });
        expect(routeOf(`/jobs/${ID}`)).toEqual({ view: 'job', id: ID });
        expect(routeOf('/jobs/7')).toEqual({ view: 'lost' });
    });
});

describe('the first page', () => {
    it('offers the server’s pictures with one click, and goes to the batch', async () => {
        answers['POST /api/batch/annotations/start'] = [201, { jobId: ID, status: 'pending', total: 2, statusUrl: '' }];
        page();
        fireEvent.click(await screen.findByText('Annotate the 2 sample pictures'));
        await waitFor(() => expect(window.location.pathname).toBe(`/jobs/${ID}`));
        const start = requests.find(([method]) => method === 'POST');
        expect(start?.[2]).toMatchObject({ imageIds: ['cat.png', 'dog.png'], label: 'Sample pictures' });
    });

    it.each<[string, Answer]>([
        [
            'says so',
            [404, { type: 'urn:batchpace:problem:unknown-path', status: 404, signInNeeded: true, pictures: true }],
        ],
        ['answers any path with the page', 'a page'],
    ])('of a server without sessions that %s asks for no key and offers no pictures', async (_how, answer) => {
        answers['GET /session'] = answer;
        page();
        expect(await screen.findByText('Start the first batch')).toBeTruthy();
        expect(screen.queryByText('Sign in')).toBeNull();
        expect(requests.some(([, path]) => path === '/pictures')).toBe(false);
    });

    it('says why a start was refused', async () => {
        answers['POST /api/batch/annotations/start'] = [
            429,
            { type: 'urn:batchpace:problem:too-many-jobs', title: 'Too many jobs are active', status: 429 },
        ];
        page();
        fireEvent.click(await screen.findByText('Annotate the 2 sample pictures'));
        expect((await screen.findByRole('alert')).textContent).toBe('Too many jobs are active.');
    });
});

describe('signing in', () => {
    it('is asked for first where keys are on, and tells a wrong key', async () => {
        answers['GET /session'] = [200, { signInNeeded: true, annotator: 'ocr', pictures: true }];
        answers['POST /session'] = [401, {}];
        page();
        const field = await screen.findByLabelText('Key');
        fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
        expect(screen.getByText('Paste the key that you were given')).toBeTruthy();
        fireEvent.change(field, { target: { value: 'wrong' } });
        fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
        expect(await screen.findByText('The server does not know this key')).toBeTruthy();
        expect(requests.filter(([, path]) => path.startsWith('/api'))).toEqual([]);

        answers['POST /session'] = [
            200,
            { signInNeeded: false, tenant: 'acme', tier: 'paid', annotator: 'ocr', pictures: true },
        ];
        fireEvent.change(field, { target: { value: 'right' } });
        fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
        expect(await screen.findByText('acme')).toBeTruthy();
        expect(await screen.findByText('Nothing has run yet')).toBeTruthy();
    });

    it('again in the middle keeps what was being written', async () => {
        page();
        await screen.findByText('Nothing has run yet');
        act(() => navigate('/new'));
        fireEvent.click(screen.getByRole('radio', { name: 'Ids' }));
        fireEvent.change(screen.getByLabelText('Ids, one a line'), { target: { value: 'a.png\nb.png' } });
        answers['GET /api/batch/annotations/estimate'] = [
            401,
            { type: 'urn:batchpace:problem:unauthorized', title: 'A key is needed', status: 401 },
        ];
        expect(await screen.findByText('Sign in again')).toBeTruthy();
        answers['POST /session'] = [200, { signInNeeded: false, tenant: 'acme', annotator: 'ocr', pictures: true }];
        fireEvent.change(screen.getByLabelText('Key'), { target: { value: 'right' } });
        fireEvent.click(screen.getByRole('button', { name: 'Sign in' }));
        await screen.findByText('acme');
        expect((screen.getByLabelText('Ids, one a line') as HTMLTextAreaElement).value).toBe('a.png\nb.png');
    });
});

describe('a lost server', () => {
    it('is said to be away, and the page comes back by itself', async () => {
        answers['GET /session'] = 'away';
        answers['GET /healthz'] = 'away';
        page();
        expect(await screen.findByText('The server cannot be reached')).toBeTruthy();
        answers['GET /session'] = [200, { signInNeeded: false, annotator: 'ocr', pictures: false }];
        answers['GET /healthz'] = [200, { status: 'ok' }];
        act(() => tryNow());
        expect(await screen.findByText('Nothing has run yet')).toBeTruthy();
        expect(screen.queryByText('The server cannot be reached')).toBeNull();
    });
});

describe('a new batch', () => {
    it('counts what was written, estimates, and is sent with what was chosen', async () => {
        answers['GET /api/batch/annotations/estimate'] = [
            200,
            { minutes: 9.9, concurrency: 2, rateLimitPerMinute: 10, tier: 'free', calls: 2 },
        ];
        answers['POST /api/batch/annotations/start'] = [201, { jobId: ID, status: 'pending', total: 2, statusUrl: '' }];
        page();
        await screen.findByText('Nothing has run yet');
        act(() => navigate('/new'));
        expect(document.activeElement?.tagName).toBe('H1');
        const start = screen.getByRole('button', { name: 'Start' });
        expect(start.getAttribute('aria-disabled')).toBe('true');
        fireEvent.click(screen.getByRole('radio', { name: 'Ids' }));
        fireEvent.change(screen.getByLabelText('Ids, one a line'), { target: { value: 'a.png\nb.png\na.png' } });
        fireEvent.change(screen.getByLabelText('Label'), { target: { value: 'Holiday' } });
        fireEvent.change(screen.getByLabelText('Starts a minute'), { target: { value: '5' } });
        expect(await screen.findByText('2 items')).toBeTruthy();
        expect(screen.getByText('1 id is there more than once; annotate them each time')).toBeTruthy();
        expect(await screen.findByText('about 10 minutes at 5 a minute, 2 at once')).toBeTruthy();
        fireEvent.click(start);
        await waitFor(() => expect(window.location.pathname).toBe(`/jobs/${ID}`));
        expect(requests.find(([method]) => method === 'POST')?.[2]).toMatchObject({
            imageIds: ['a.png', 'b.png'],
            label: 'Holiday',
            rateLimitPerMinute: 5,
        });
    });

    it('sent again after a lost answer is the same batch', async () => {
        answers['POST /api/batch/annotations/start'] = [
            503,
            { type: 'urn:batchpace:problem:shutting-down', title: 'The service is shutting down', status: 503 },
        ];
        page();
        await screen.findByText('Nothing has run yet');
        act(() => navigate('/new'));
        fireEvent.click(screen.getByRole('radio', { name: 'Ids' }));
        const field = screen.getByLabelText('Ids, one a line');
        fireEvent.change(field, { target: { value: 'a.png' } });
        await screen.findByText('1 item');
        const press = async () => {
            fireEvent.click(screen.getByRole('button', { name: 'Start' }));
            await waitFor(() => expect(screen.getByRole('alert').textContent).toBe('The service is shutting down.'));
            await screen.findByRole('button', { name: 'Start' });
        };
        await press();
        await press();
        fireEvent.change(field, { target: { value: 'b.png' } });
        await press();
        const keys = requests
            .filter(([method]) => method === 'POST')
            .map(([, , body]) => (body as { idempotencyKey: string }).idempotencyKey);
        expect(new Set(keys.slice(0, -1)).size).toBe(1);
        expect(keys.at(-1)).not.toBe(keys[0]);
    });
});

describe('cancelling', () => {
    it('asks first, and says what is lost and what stays', () => {
        render(<CancelDialog job={job()} onClose={() => {}} />);
        expect(screen.getByRole('dialog', { name: 'Cancel Holiday?' }).textContent).toMatch(
            /53waiting – will not be started.*2to be tried again.*5in flight – asked to stop.*40done – 39 results and 1 failure stay/,
        );
        expect(screen.getByRole('button', { name: 'Cancel 60 items' })).toBeTruthy();
    });

    it('has nothing to do where the batch has ended meanwhile', () => {
        render(
            <CancelDialog
                job={job({ status: 'completed', finishedAt: '2026-01-02T03:05:05.678Z' })}
                onClose={() => {}}
            />,
        );
        expect(screen.getByText('Nothing left to cancel')).toBeTruthy();
        expect(screen.queryByRole('button', { name: /^Cancel/ })).toBeNull();
    });
});

describe('the list', () => {
    it('shows batches with what can be done to them', async () => {
        const done = job({
            jobId: ID.replace(/^0/, '1'),
            status: 'completed',
            label: 'Old one',
            finishedAt: '2026-01-02T03:05:05.678Z',
        });
        answers['GET /api/batch/annotations/jobs'] = [200, { jobs: [done, job()] }];
        answers[`POST /api/batch/annotations/${ID}/pause`] = [200, {}];
        page();
        expect(await screen.findByRole('link', { name: 'Holiday' })).toBeTruthy();
        expect(screen.getByRole('progressbar', { name: 'Progress of Holiday' }).getAttribute('aria-valuetext')).toBe(
            '40 of 100 items, 1 failed',
        );
        expect(screen.getByRole('button', { name: 'Retry what failed of Old one' })).toBeTruthy();
        fireEvent.click(screen.getByRole('button', { name: 'Pause Holiday' }));
        await waitFor(() =>
            expect(requests.some(([method, path]) => method === 'POST' && path.endsWith('/pause'))).toBe(true),
        );
        fireEvent.click(screen.getByRole('button', { name: 'Cancel Holiday' }));
        expect(screen.getByRole('dialog', { name: 'Cancel Holiday?' })).toBeTruthy();
        expect(requests.some(([, path]) => path.endsWith('/cancel'))).toBe(false);
    });

    it('says so where no batch is like what was asked for', async () => {
        answers['GET /api/batch/annotations/jobs'] = [200, { jobs: [job()] }];
        page();
        await screen.findByRole('link', { name: 'Holiday' });
        fireEvent.click(screen.getByRole('radio', { name: /Cancelled/ }));
        expect(screen.getByText('No batch is like that')).toBeTruthy();
        fireEvent.click(screen.getByRole('button', { name: 'Show all' }));
        expect(screen.getByRole('link', { name: 'Holiday' })).toBeTruthy();
    });
});
