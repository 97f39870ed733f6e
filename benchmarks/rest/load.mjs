// SPDX-License-Identifier: BSL-1.0
//
// Loads an annotation_server and measures it against the budgets of its API; see benchmarks/rest.sh.
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const api = '/api/batch/annotations';

const options = { server: undefined, json: undefined, rounds: 7, seconds: 3, streams: 1000 };
for (let i = 2; i < process.argv.length; i += 2) {
    const name = process.argv[i].replace(/^--/, '');
    if (!(name in options) || process.argv[i + 1] === undefined) {
        console.error(`unknown argument: ${process.argv[i]}`);
        process.exit(2);
    }
    options[name] = /^\d+$/.test(process.argv[i + 1]) ? Number(process.argv[i + 1]) : process.argv[i + 1];
}

const children = new Set();
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

function start(command, args, pattern, input) {
    const child = spawn(command, args, { stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'ignore'] });
    children.add(child);
    if (input !== undefined) child.stdin.end(input);
    return new Promise((resolve, reject) => {
        child.on('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
        createInterface({ input: child.stdout }).on('line', (line) => {
            const found = pattern.exec(line);
            if (found) resolve({ child, port: Number(found[1]) });
        });
    });
}

function startService(...more) {
    return start(
        options.server,
        ['--port', '0', '--threads', '1', '--annotator', 'synthetic', '--quiet', ...more],
        /ready at http:\/\/127\.0\.0\.1:(\d+)/,
    );
}

function ask(port, method, path, body) {
    return new Promise((resolve, reject) => {
        const headers = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': body.length };
        const request = http.request({ port, host: '127.0.0.1', method, path: api + path, headers }, (response) => {
            const chunks = [];
            response.on('data', (chunk) => chunks.push(chunk));
            response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks) }));
        });
        request.on('error', reject);
        request.end(body);
    });
}

async function startJob(port, count, more = {}, id = (i) => `image-${i}`) {
    const imageIds = Array.from({ length: count }, (_, i) => id(i));
    const { status, body } = await ask(port, 'POST', '/start', Buffer.from(JSON.stringify({ imageIds, ...more })));
    if (status !== 201) throw new Error(`start answered ${status}: ${body}`);
    return JSON.parse(body).jobId;
}

const rows = [];
function row(name, unit, budget, lower, values) {
    const sorted = [...values].sort((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)];
    const met = lower ? median <= budget : median >= budget;
    rows.push({ name, measured: median, budget, unit, met, median, min: sorted[0], rounds: values.length });
    const figure = (value) => (Math.abs(value) >= 1000 ? value.toFixed(0) : value.toPrecision(3));
    console.log(
        `${name.padEnd(24)}${figure(median).padStart(10)}${figure(sorted[0]).padStart(10)}` +
            `${(lower ? '<= ' : '>= ').padStart(5)}${String(budget).padEnd(8)}${unit.padEnd(14)}${met ? 'yes' : 'NO'}`,
    );
}

// ---- requests for a running job's status, beside a bare node:http server that gives the same bytes ----------------------

async function wrk(port, path) {
    const url = `http://127.0.0.1:${port}${path}`;
    const { stdout } = await run('wrk', ['-t1', '-c64', `-d${options.seconds}s`, '--latency', url]);
    if (/Non-2xx/.test(stdout)) throw new Error(stdout);
    const [, number, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout);
    return {
        rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
        p99: Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit],
    };
}

async function status() {
    const service = await startService('--latency-ms', '200', '--rate-per-minute', '600');
    const id = await startJob(service.port, 10000);
    const path = `${api}/${id}/status`;
    const answer = await ask(service.port, 'GET', `/${id}/status`);
    const bare = await start(process.execPath, [fileURLToPath(new URL('bare_server.mjs', import.meta.url))], /^(\d+)$/, answer.body);
    const ours = [];
    const theirs = [];
    for (let round = 0; round <= options.rounds; ++round) {
        const one = await wrk(service.port, path);
        const other = await wrk(bare.port, path);
        if (round === 0) continue; // to warm up
        ours.push(one);
        theirs.push(other);
    }
    service.child.kill('SIGKILL');
    bare.child.kill('SIGKILL');
    row('status_requests', 'requests/s', 30000, false, ours.map((o) => o.rate));
    row('status_against_node', 'ratio', 1.2, false, ours.map((o, i) => o.rate / theirs[i].rate));
    row('status_p99', 'ms', 20, true, ours.map((o) => o.p99));
}

// ---- a thousand event streams of one job ----------------------------------------------------------------------------------

function listen(port, id) {
    const heard = { events: [], ended: false };
    const request = http.get({ port, host: '127.0.0.1', path: `${api}/${id}/events`, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => {
            text += chunk;
            for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
                const name = /^event: (\w+)$/m.exec(text.slice(0, end))?.[1];
                if (name === 'milestone') heard.events.push(/"percentage":(\d+)/.exec(text.slice(0, end))[1]);
                else if (name) heard.events.push(name);
            }
        });
        response.on('end', () => (heard.ended = true));
    });
    request.on('error', (error) => (heard.events.push(String(error)), (heard.ended = true)));
    return heard;
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function cpuSeconds(pid) {
    const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function streams() {
    const service = await startService('--latency-ms', '20', '--failure-rate', '0');
    const id = await startJob(service.port, 1000, { concurrency: 4 });
    await ask(service.port, 'POST', `/${id}/pause`);
    const all = Array.from({ length: options.streams }, () => listen(service.port, id));
    while (!all.every((heard) => heard.events.length > 0)) await pause(50);
    await pause(1000);

    const before = cpuSeconds(service.child.pid);
    await pause(20000);
    const quiet = ((cpuSeconds(service.child.pid) - before) / 20) * 100;

    await ask(service.port, 'POST', `/${id}/resume`);
    while (!all.every((heard) => heard.ended)) await pause(50);
    const wrong = all.filter((heard) => {
        const told = heard.events.filter((event) => event !== 'progress').join(' ');
        return told !== '25 50 75 100 finished' || heard.events.at(-1) !== 'finished';
    });
    service.child.kill('SIGKILL');
    if (wrong.length > 0) console.log(wrong[0]);
    row('event_streams_wrong', 'streams', 0, true, [wrong.length]);
    row('event_streams_idle', '% of a core', 1, true, [quiet]);
}

// ---- a start of 100,000 ids -------------------------------------------------------------------------------------------------

function memory(pid, field) {
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}

async function largeStart() {
    const times = [];
    const peaks = [];
    for (let round = 0; round < options.rounds; ++round) {
        const service = await startService('--latency-ms', '60000');
        // Everything that is made once is there: buffers, a first job.
        await startJob(service.port, 10);
        const imageIds = Array.from({ length: 100000 }, (_, i) => `folder/image-${String(i).padStart(8, '0')}.png`);
        const body = Buffer.from(JSON.stringify({ imageIds }));
        const before = memory(service.child.pid, 'VmRSS');
        fs.writeFileSync(`/proc/${service.child.pid}/clear_refs`, '5');
        const begin = performance.now();
        const { status } = await ask(service.port, 'POST', '/start', body);
        times.push(performance.now() - begin);
        if (status !== 201) throw new Error(`start answered ${status}`);
        peaks.push((memory(service.child.pid, 'VmHWM') - before) / body.length);
        service.child.kill('SIGKILL');
    }
    row('start_100k', 'ms', 150, true, times);
    row('start_100k_memory', 'x the body', 4, true, peaks);
}

console.log(`${'row'.padEnd(24)}${'median'.padStart(10)}${'min'.padStart(10)}${'budget'.padStart(9)}    unit          met`);
await status();
await largeStart();
await streams();
if (options.json) fs.writeFileSync(options.json, rows.map((r) => JSON.stringify(r) + '\n').join(''));
process.exit(rows.every((r) => r.met) ? 0 : 1);
