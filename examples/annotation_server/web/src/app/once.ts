// SPDX-License-Identifier: BSL-1.0
/** A random name. `crypto.randomUUID` is there on secure pages only, and this one may be served by plain HTTP. */
export function once(): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
        '',
    );
}
