// SPDX-License-Identifier: BSL-1.0
//
// The contender: a bare node:http server that answers every request with the bytes it is given on standard input.
import http from 'node:http';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const body = Buffer.concat(chunks);

const server = http.createServer((request, response) => {
    response.writeHead(200, {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
        'X-Content-Type-Options': 'nosniff',
        'Content-Length': body.length,
    });
    response.end(body);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
