// SPDX-License-Identifier: BSL-1.0
/** A line without axes: whether it goes up or down, no more. What it shows stands beside it in words. */
export function Sparkline({
    values,
    width = 120,
    height = 28,
}: {
    values: readonly number[];
    width?: number;
    height?: number;
}) {
    if (values.length < 2) {
        return <svg className="sparkline" width={width} height={height} aria-hidden="true" />;
    }
    const top = Math.max(...values, 1);
    const step = width / (values.length - 1);
    const points = values.map(
        (value, index) => `${(index * step).toFixed(1)},${(height - 2 - (value / top) * (height - 4)).toFixed(1)}`,
    );
    return (
        <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
            <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />
            <polyline points={points.join(' ')} />
        </svg>
    );
}
