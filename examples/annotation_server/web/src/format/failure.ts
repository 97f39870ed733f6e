// SPDX-License-Identifier: BSL-1.0
import type { FailureKind } from '../api';

/** What kind of failure it was, in words beside the error's own text. */
export const KIND_WORDS: Record<FailureKind, string> = {
    transient: 'passing failure',
    permanent: 'for good',
    throttled: 'told to slow down',
    timed_out: 'took too long',
};
