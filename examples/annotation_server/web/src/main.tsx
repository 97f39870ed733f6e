// SPDX-License-Identifier: BSL-1.0
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { BatchClient } from 'batchpace-client';
import { BatchClientProvider } from 'batchpace-client/react';

const client = new BatchClient();
const root = document.getElementById('root');
if (root) {
    createRoot(root).render(
        <StrictMode>
            <BatchClientProvider client={client} />
        </StrictMode>,
    );
}
