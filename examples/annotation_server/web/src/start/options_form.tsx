// SPDX-License-Identifier: BSL-1.0
import type { StartOptions } from '../api';
import { Field } from '../ui/field';
import { wholeNumber } from '../ui/whole_number';

/** Fields as typed. */
export interface OptionTexts {
    label: string;
    concurrency: string;
    rateLimitPerMinute: string;
    maxAttempts: string;
    attemptTimeout: string;
    priority: string;
}

export const NO_OPTIONS: OptionTexts = {
    label: '',
    concurrency: '',
    rateLimitPerMinute: '',
    maxAttempts: '',
    attemptTimeout: '',
    priority: '',
};

const MOST = 2_147_483_647;

export interface ReadOptions {
    options: Pick<
        StartOptions,
        'label' | 'concurrency' | 'rateLimitPerMinute' | 'maxAttempts' | 'attemptTimeout' | 'priority'
    >;
    errors: Partial<Record<keyof OptionTexts, string>>;
}

/** What was typed, as the API takes it. */
export function readOptions(texts: OptionTexts): ReadOptions {
    const numbers = {
        concurrency: wholeNumber(texts.concurrency, 1, MOST),
        rateLimitPerMinute: wholeNumber(texts.rateLimitPerMinute, 1, MOST),
        maxAttempts: wholeNumber(texts.maxAttempts, 1, MOST),
        attemptTimeout: wholeNumber(texts.attemptTimeout, 1, 86_400),
        priority: wholeNumber(texts.priority, 1, 1000),
    };
    const options: ReadOptions['options'] = {};
    const errors: ReadOptions['errors'] = {};
    for (const [name, { value, error }] of Object.entries(numbers) as [
        keyof typeof numbers,
        { value?: number; error?: string },
    ][]) {
        if (error !== undefined) {
            errors[name] = error;
        } else if (value !== undefined) {
            // Seconds for people, milliseconds for the API.
            options[name] = name === 'attemptTimeout' ? value * 1000 : value;
        }
    }
    const label = texts.label.trim();
    if (new TextEncoder().encode(label).length > 200) {
        errors.label = 'At most 200 bytes';
    } else if (label !== '') {
        options.label = label;
    }
    return { options, errors };
}

interface OptionsFormProps {
    texts: OptionTexts;
    errors: ReadOptions['errors'];
    onTexts(texts: OptionTexts): void;
}

/** Label, and behind a fold what most batches need not say. */
export function OptionsForm({ texts, errors, onTexts }: OptionsFormProps) {
    const field = (name: keyof OptionTexts) => ({
        value: texts[name],
        error: errors[name],
        onChange: (value: string) => onTexts({ ...texts, [name]: value }),
    });
    const said = Object.entries(texts).filter(([name, text]) => name !== 'label' && text.trim() !== '').length;
    const wrong = Object.keys(errors).some((name) => name !== 'label');
    return (
        <>
            <Field label="Label" placeholder="What people will know it by" maxLength={200} {...field('label')} />
            <details className="fold" {...(wrong ? { open: true } : {})}>
                <summary>
                    Options
                    <span className="soft small">{said > 0 ? `${said} set` : 'as the server has them'}</span>
                </summary>
                <div className="option-grid">
                    <Field
                        label="Items at once"
                        inputMode="numeric"
                        placeholder="5"
                        hint="No more than your tier’s"
                        {...field('concurrency')}
                    />
                    <Field
                        label="Starts a minute"
                        inputMode="numeric"
                        placeholder="no own limit"
                        hint="Retries included"
                        {...field('rateLimitPerMinute')}
                    />
                    <Field
                        label="Attempts each"
                        inputMode="numeric"
                        placeholder="3"
                        hint="The first one included"
                        {...field('maxAttempts')}
                    />
                    <Field
                        label="Longest attempt"
                        inputMode="numeric"
                        placeholder="60"
                        hint="In seconds; then it is asked to stop"
                        {...field('attemptTimeout')}
                    />
                    <Field
                        label="Weight"
                        inputMode="numeric"
                        placeholder="1"
                        hint="1 to 1,000, among your batches"
                        {...field('priority')}
                    />
                </div>
            </details>
        </>
    );
}
