// SPDX-License-Identifier: BSL-1.0
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

import { sourceOfClient } from './source_of_client';

const resolve = { alias: sourceOfClient };

export default defineConfig({
    test: {
        passWithNoTests: true,
        testTimeout: 20_000,
        projects: [
            { resolve, test: { name: 'client', environment: 'node', include: ['client/test/*.test.ts'] } },
            {
                plugins: [react()],
                resolve,
                test: { name: 'react', environment: 'jsdom', include: ['client/test/react/*.test.tsx'] },
            },
            {
                plugins: [react()],
                resolve,
                test: { name: 'page', environment: 'jsdom', include: ['src/**/*.test.{ts,tsx}'] },
            },
        ],
    },
});
