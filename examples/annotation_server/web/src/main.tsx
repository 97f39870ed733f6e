// SPDX-License-Identifier: BSL-1.0
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BatchClientProvider } from 'batchpace-client/react';
import { api } from './api';
import { App } from './app/app';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/views.css';

const root = document.getElementById('root');
if (root) {
    createRoot(root).render(
        <StrictMode>
            <BatchClientProvider client={api}>
                <App />
            </BatchClientProvider>
        </StrictMode>,
    );
}
