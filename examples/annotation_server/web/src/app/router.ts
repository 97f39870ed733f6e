// SPDX-License-Identifier: BSL-1.0
import { Store } from './store';

export type Route = { view: 'jobs' } | { view: 'start' } | { view: 'job'; id: string } | { view: 'lost' };

const JOB = /^\/jobs\/([0-9a-f-]{36})\/?$/;

export function routeOf(path: string): Route {
    if (path === '/' || path === '/jobs' || path === '/jobs/') {
        return { view: 'jobs' };
    }
    if (path === '/new' || path === '/new/') {
        return { view: 'start' };
    }
    const job = JOB.exec(path);
    return job ? { view: 'job', id: job[1]! } : { view: 'lost' };
}

export const pathStore = new Store(window.location.pathname);

export function navigate(path: string): void {
    if (path !== window.location.pathname) {
        window.history.pushState(null, '', path);
        pathStore.set(path);
        window.scrollTo(0, 0);
    }
}

window.addEventListener('popstate', () => pathStore.set(window.location.pathname));
