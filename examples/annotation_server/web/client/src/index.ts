// SPDX-License-Identifier: BSL-1.0
export { BatchClient } from './client.js';
export * from './contract.js';
export { BatchError, type ProblemName } from './errors.js';
export type { WatchListener } from './job_watch.js';
export type * from './options.js';
