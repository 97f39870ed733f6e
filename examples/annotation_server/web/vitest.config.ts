// SPDX-License-Identifier: BSL-1.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { sourceOfClient } from './source_of_client';

const resolve = { alias: sourceOfClient };
// What is waited for has bounds of its own, which say what did not happen; this is for what hangs otherwise.
const testTimeout = 30_000;

export default defineConfig({
    test: {
        passWithNoTests: true,
        projects: [
            { resolve, test: { name: 'client', environment: 'node', testTimeout, include: ['client/test/*.test.ts'] } },
            {
                plugins: [react()],
                resolve,
                test: {
                    name: 'react',
                    environment: 'jsdom',
                    testTimeout,
                    include: ['client/test/react/*.test.tsx'],
                    setupFiles: ['client/test/react/setup.ts'],
                },
            },
            {
                // The client as a package that others install. It packs and compiles, which takes some 20 s.
                test: {
                    name: 'package',
                    environment: 'node',
                    include: ['client/test/package/*.test.ts'],
                    testTimeout: 120_000,
                    hookTimeout: 120_000,
                },
                resolve,
            },
            {
                // The client against the annotation_server that BATCHPACE_SERVER names.
                resolve,
                test: {
                    name: 'server',
                    environment: 'node',
                    testTimeout: 60_000,
                    include: ['client/test/server/*.test.ts'],
                },
            },
            {
                plugins: [react()],
                resolve,
                test: { name: 'page', environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'] },
            },
        ],
    },
});
