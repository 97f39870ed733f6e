// SPDX-License-Identifier: BSL-1.0
import { useState, type FormEvent } from 'react';
import { api, BatchError, words, type JobChanges, type JobState } from '../api';
import { notify } from '../app/notices';
import { Button } from '../ui/button';
import { Field } from '../ui/field';
import { wholeNumber } from '../ui/whole_number';
import { rememberedPace, rememberPace } from './remembered_pace';

const MOST = 2_147_483_647;

/** Concurrency, rate and weight of a batch that runs. Empty fields change nothing. */
export function PaceForm({ job }: { job: JobState }) {
    const [known, setKnown] = useState(() => rememberedPace(job.jobId));
    const [concurrency, setConcurrency] = useState('');
    const [rate, setRate] = useState('');
    const [priority, setPriority] = useState('');
    const [busy, setBusy] = useState(false);
    const [wrong, setWrong] = useState<Record<string, string>>({});
    const [problem, setProblem] = useState<string>();
    const fields = {
        concurrency: wholeNumber(concurrency, 1, MOST),
        rateLimitPerMinute: wholeNumber(rate, 0, MOST),
        priority: wholeNumber(priority, 1, 1000),
    };
    const bad = Object.values(fields).some((field) => field.error !== undefined);
    const changes: JobChanges = Object.fromEntries(
        Object.entries(fields).flatMap(([name, field]) => (field.value === undefined ? [] : [[name, field.value]])),
    );
    const none = Object.keys(changes).length === 0;

    const apply = async (event: FormEvent) => {
        event.preventDefault();
        if (bad || none || busy) {
            return;
        }
        setBusy(true);
        setProblem(undefined);
        setWrong({});
        try {
            await api.update(job.jobId, changes);
            const now = { ...known, ...(changes as typeof known) };
            rememberPace(job.jobId, now);
            setKnown(now);
            setConcurrency('');
            setRate('');
            setPriority('');
            notify({
                key: `pace ${job.jobId}`,
                tone: 'good',
                title: 'Pace changed',
                text: `${told(changes)}, from the next start on.`,
            });
        } catch (error) {
            if (error instanceof BatchError && error.errors) {
                setWrong(Object.fromEntries(error.errors.map(({ field, message }) => [field, message])));
            } else {
                setProblem(words(error));
            }
        } finally {
            setBusy(false);
        }
    };
    const now = (value: number | undefined, zero?: string) =>
        value === undefined ? 'as it is' : value === 0 && zero ? zero : String(value);
    return (
        <form className="pace-form" onSubmit={(event) => void apply(event)} noValidate>
            <Field
                label="Items at once"
                inputMode="numeric"
                value={concurrency}
                placeholder={now(known.concurrency)}
                onChange={setConcurrency}
                error={fields.concurrency.error ?? wrong['concurrency']}
                hint="Within the server’s and your tier’s bounds"
            />
            <Field
                label="Starts a minute"
                inputMode="numeric"
                value={rate}
                placeholder={now(known.rateLimitPerMinute, 'no own limit')}
                onChange={setRate}
                error={fields.rateLimitPerMinute.error ?? wrong['rateLimitPerMinute']}
                hint="0: no limit of its own"
            />
            <Field
                label="Weight"
                inputMode="numeric"
                value={priority}
                placeholder={now(known.priority)}
                onChange={setPriority}
                error={fields.priority.error ?? wrong['priority']}
                hint="1 to 1,000, among your batches"
            />
            <Button type="submit" aria-disabled={bad || none} busy={busy}>
                Apply
            </Button>
            {problem && (
                <p className="problem" role="alert">
                    {problem}
                </p>
            )}
        </form>
    );
}

function told({ concurrency, rateLimitPerMinute, priority }: JobChanges): string {
    const parts = [
        concurrency !== undefined && `${concurrency} at once`,
        rateLimitPerMinute !== undefined &&
            (rateLimitPerMinute === 0 ? 'no limit of its own' : `${rateLimitPerMinute} starts a minute`),
        priority !== undefined && `weight ${priority}`,
    ].filter((part) => part !== false);
    const text = parts.join(', ');
    return text.charAt(0).toUpperCase() + text.slice(1);
}
