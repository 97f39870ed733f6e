// SPDX-License-Identifier: BSL-1.0
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const READY = /ready at (http:\/\/\S+)/;
const page = process.env['BATCHPACE_WEB'] ?? fileURLToPath(new URL('../dist', import.meta.url));

/** An annotation_server of a test's own, with the page. */
export class Server {
    private constructor(
        readonly url: string,
        private readonly process: ChildProcess,
    ) {}

    /** Resolves when it listens. Without `port`: at any that is free. */
    static async start(args: readonly string[], port = 0): Promise<Server> {
        const program = process.env['BATCHPACE_SERVER'];
        if (program === undefined) {
            throw new Error('BATCHPACE_SERVER must name the program annotation_server');
        }
        if (!existsSync(`${page}/index.html`)) {
            throw new Error(`There is no page in ${page}: npm run build`);
        }
        const all = ['--port', String(port), '--web', page, '--log-level', 'warning', ...args];
        const server = spawn(program, all, { stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        const url = await new Promise<string>((resolve, reject) => {
            const hear = (piece: Buffer) => {
                said += piece.toString();
                const ready = READY.exec(said);
                if (ready) {
                    resolve(ready[1]!);
                }
            };
            server.stdout.on('data', hear);
            server.stderr.on('data', hear);
            server.on('error', reject);
            server.on('exit', () => reject(new Error(`annotation_server did not start: ${said}`)));
        });
        return new Server(url, server);
    }

    get port(): number {
        return Number(new URL(this.url).port);
    }

    /** Ends it at once, as a crash would. */
    async kill(): Promise<void> {
        if (this.process.exitCode !== null || this.process.signalCode !== null) {
            return;
        }
        const ended = new Promise((resolve) => this.process.once('exit', resolve));
        this.process.kill('SIGKILL');
        await ended;
    }

    signal(name: NodeJS.Signals): void {
        this.process.kill(name);
    }

    /** Starts a batch past the page; returns its id. */
    async startBatch(imageIds: readonly string[], more: object = {}, key?: string): Promise<string> {
        const started = await this.ask('POST', '/start', { imageIds, ...more }, key);
        return (started as { jobId: string }).jobId;
    }

    async ask(method: string, path: string, body?: object, key?: string): Promise<unknown> {
        const response = await fetch(`${this.url}/api/batch/annotations${path}`, {
            method,
            headers: {
                ...(body && { 'Content-Type': 'application/json' }),
                ...(key !== undefined && { Authorization: `Bearer ${key}` }),
            },
            ...(body && { body: JSON.stringify(body) }),
        });
        const answer: unknown = await response.json();
        if (!response.ok) {
            throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
        }
        return answer;
    }
}
