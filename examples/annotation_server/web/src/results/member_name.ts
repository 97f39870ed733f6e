// SPDX-License-Identifier: BSL-1.0
/** "latencyMs" → "Latency ms", "safe_search" → "Safe search": a JSON name as people write. */
export function memberName(name: string): string {
    const spaced = name
        .replace(/[_-]+/g, ' ')
        .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
        .toLowerCase();
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
