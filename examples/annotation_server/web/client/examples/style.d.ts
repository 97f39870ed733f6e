// SPDX-License-Identifier: BSL-1.0
// Whoever bundles styles has a declaration like this from the bundler: vite/client, for instance.
declare module '*.css';
