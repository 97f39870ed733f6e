// SPDX-License-Identifier: BSL-1.0
import { createContext, useContext, type ReactNode } from 'react';

import type { BatchClient } from '../client.js';

const Context = createContext<BatchClient | undefined>(undefined);

export interface BatchClientProviderProps {
    /** Made once, outside of the rendering: it holds the event streams that its users share. */
    client: BatchClient;
    children?: ReactNode;
}

/** Gives a client to the hooks and components below. */
export function BatchClientProvider({ client, children }: BatchClientProviderProps): ReactNode {
    return <Context.Provider value={client}>{children}</Context.Provider>;
}

/** The client of the nearest provider above; throws where there is none. */
export function useBatchClient(): BatchClient {
    const client = useContext(Context);
    if (client === undefined) throw new Error('There is no <BatchClientProvider> above this component');
    return client;
}
