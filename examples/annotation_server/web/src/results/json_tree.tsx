// SPDX-License-Identifier: BSL-1.0
import { isObject } from './annotation_kind';
import { memberName } from './member_name';

const MOST = 50;

/** Any JSON, readable: objects as names and values, lists as lists, to any depth. */
export function JsonTree({ value }: { value: unknown }) {
    if (Array.isArray(value)) {
        if (value.length === 0) {
            return <span className="soft">none</span>;
        }
        if (value.every((one) => !isObject(one) && !Array.isArray(one))) {
            return <span>{value.slice(0, MOST).map(String).join(', ') + (value.length > MOST ? ', …' : '')}</span>;
        }
        return (
            <ol className="json-list">
                {value.slice(0, MOST).map((one: unknown, index) => (
                    <li key={index}>
                        <JsonTree value={one} />
                    </li>
                ))}
                {value.length > MOST && <li className="soft">and {value.length - MOST} more</li>}
            </ol>
        );
    }
    if (isObject(value)) {
        return (
            <dl className="facts">
                {Object.entries(value).map(([name, member]) => (
                    <div key={name}>
                        <dt title={name}>{memberName(name)}</dt>
                        <dd>
                            <JsonTree value={member} />
                        </dd>
                    </div>
                ))}
            </dl>
        );
    }
    if (typeof value === 'boolean') {
        return <span>{value ? 'yes' : 'no'}</span>;
    }
    return value === null || value === '' ? <span className="soft">none</span> : <span>{String(value)}</span>;
}
