// SPDX-License-Identifier: BSL-1.0
import { useId, type ReactNode } from 'react';

interface SegmentedProps<T extends string> {
    legend: string;
    value: T;
    options: readonly { value: T; name: ReactNode; count?: number | undefined }[];
    onChange(value: T): void;
}

/** One of a few: radio buttons, so that the arrow keys go between them. */
export function Segmented<T extends string>({ legend, value, options, onChange }: SegmentedProps<T>) {
    const name = useId();
    return (
        <fieldset className="segmented">
            <legend className="unseen">{legend}</legend>
            {options.map((option) => (
                <label key={option.value}>
                    <input
                        type="radio"
                        name={name}
                        checked={option.value === value}
                        onChange={() => onChange(option.value)}
                    />
                    <span>
                        {option.name}
                        {option.count !== undefined && <span className="segment-count numbers">{option.count}</span>}
                    </span>
                </label>
            ))}
        </fieldset>
    );
}
