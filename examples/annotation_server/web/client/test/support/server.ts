// SPDX-License-Identifier: BSL-1.0
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import type { Timing } from 'batchpace-client';

/** Short enough that tests do not last, long enough that a busy machine does not tell another story. */
export const quick: Timing = {
    request: 5_000,
    poll: 20,
    firstEvent: 1_000,
    silence: 60_000,
    away: 20,
    backoff: 10,
    maxBackoff: 40,
};

export interface Asked {
    method: string;
    /** Without the prefix and the query. */
    path: string;
    query: URLSearchParams;
    headers: IncomingMessage['headers'];
    body: string;
    at: number;
}

export type Handler = (asked: Asked, response: ServerResponse) => void;

export const prefix = '/api/batch/annotations';

/** An HTTP server on a real socket of this machine that answers as a test says. */
export class TestServer {
    readonly asked: Asked[] = [];
    /** Answers that have begun or not, but not ended. */
    readonly open = new Set<ServerResponse>();
    readonly #sockets = new Set<Socket>();
    readonly #server: Server;
    handler: Handler;

    private constructor(handler: Handler) {
        this.handler = handler;
        this.#server = createServer((request, response) => void this.#serve(request, response));
        this.#server.on('connection', (socket) => {
            this.#sockets.add(socket);
            socket.on('close', () => this.#sockets.delete(socket));
        });
    }

    static async start(handler: Handler): Promise<TestServer> {
        const server = new TestServer(handler);
        await new Promise<void>((resolve) => server.#server.listen(0, '127.0.0.1', resolve));
        return server;
    }

    get port(): number {
        return (this.#server.address() as AddressInfo).port;
    }

    get url(): string {
        return `http://127.0.0.1:${this.port}`;
    }

    /** Requests whose path ends so. */
    of(end: string): Asked[] {
        return this.asked.filter(({ path }) => path.endsWith(end));
    }

    /** Resets every connection, as when a cable is pulled or a process is killed. */
    drop(): void {
        for (const socket of this.#sockets) socket.resetAndDestroy();
    }

    async close(): Promise<void> {
        const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
        this.drop();
        await closed;
    }

    async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        this.open.add(response);
        response.on('close', () => this.open.delete(response));
        let body = '';
        request.setEncoding('utf8');
        request.on('error', () => {});
        for await (const piece of request) body += piece as string;
        const url = new URL(request.url ?? '/', 'http://x');
        const asked: Asked = {
            method: request.method ?? '',
            path: url.pathname.replace(prefix, ''),
            query: url.searchParams,
            headers: request.headers,
            body,
            at: performance.now(),
        };
        this.asked.push(asked);
        this.handler(asked, response);
    }
}

export function json(
    response: ServerResponse,
    status: number,
    body: unknown,
    headers: Record<string, string> = {},
): void {
    response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
}

export function problem(
    response: ServerResponse,
    status: number,
    name: string,
    headers: Record<string, string> = {},
    more: object = {},
): void {
    response.writeHead(status, { 'Content-Type': 'application/problem+json', ...headers });
    response.end(
        JSON.stringify({ type: `urn:batchpace:problem:${name}`, title: name.replaceAll('-', ' '), status, ...more }),
    );
}
