// SPDX-License-Identifier: BSL-1.0
import { useId, type InputHTMLAttributes } from 'react';

interface FieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
    label: string;
    hint?: string | undefined;
    error?: string | undefined;
    unit?: string;
    onChange(value: string): void;
}

/** A labelled input with its hint or what is wrong with it. */
export function Field({ label, hint, error, unit, onChange, className, ...input }: FieldProps) {
    const id = useId();
    const about = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
    return (
        <div className={className ? `field ${className}` : 'field'}>
            <label htmlFor={id}>{label}</label>
            <div className={unit ? 'input with-unit' : 'input'}>
                <input
                    id={id}
                    {...input}
                    aria-invalid={error ? true : undefined}
                    aria-describedby={about}
                    onChange={(event) => onChange(event.target.value)}
                />
                {unit && <span className="unit soft small">{unit}</span>}
            </div>
            {error ? (
                <p className="field-error small" id={`${id}-error`}>
                    {error}
                </p>
            ) : (
                hint && (
                    <p className="soft small" id={`${id}-hint`}>
                        {hint}
                    </p>
                )
            )}
        </div>
    );
}
