// SPDX-License-Identifier: BSL-1.0
export function Brand() {
    return (
        <span className="brand">
            <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
                <rect width="32" height="32" rx="8" className="brand-ground" />
                <path d="M7 22v-7M13 22V10M19 22v-9M25 22V8" className="brand-bars" />
            </svg>
            batchpace
        </span>
    );
}
