// SPDX-License-Identifier: BSL-1.0
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The page and the tests take the client from its source, so that nothing has to be built before they run. */
export const sourceOfClient = [
    { find: /^batchpace-client$/, replacement: at('client/src/index.ts') },
    { find: /^batchpace-client\/react$/, replacement: at('client/src/react/index.ts') },
    { find: /^batchpace-client\/style\.css$/, replacement: at('client/style.css') },
];
