// SPDX-License-Identifier: BSL-1.0
import { describe, expect, it } from 'vitest';
import { NO_OPTIONS, readOptions } from './options_form';

describe('options as typed', () => {
    it('that say nothing are nothing', () => {
        expect(readOptions(NO_OPTIONS)).toEqual({ options: {}, errors: {} });
    });

    it('become what the API takes: seconds are milliseconds there', () => {
        const texts = { ...NO_OPTIONS, label: ' Night run ', concurrency: '8', attemptTimeout: '30' };
        expect(readOptions(texts).options).toEqual({ label: 'Night run', concurrency: 8, attemptTimeout: 30_000 });
    });

    it('that are wrong are named, and not sent', () => {
        const { options, errors } = readOptions({ ...NO_OPTIONS, priority: '1001', label: 'é'.repeat(101) });
        expect(options).toEqual({});
        expect(Object.keys(errors).sort()).toEqual(['label', 'priority']);
    });
});
