// SPDX-License-Identifier: BSL-1.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

import { sourceOfClient } from './source_of_client';

// `npm run dev` serves the page by itself and asks a server that runs already, at BATCHPACE_URL.
const server = process.env['BATCHPACE_URL'] ?? 'http://127.0.0.1:8080';
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
    plugins: [react()],
    resolve: { alias: sourceOfClient },
    build: { target: 'es2022' },
    server: { proxy: { '/api': proxied, '/session': proxied, '/pictures': proxied, '/healthz': proxied } },
});
