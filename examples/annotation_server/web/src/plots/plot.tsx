// SPDX-License-Identifier: BSL-1.0
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { duration } from '../format/duration';
import { clockTime } from '../format/time';
import type { Bin } from './bins';
import { frame, type Frame } from './frame';
import { niceTicks, timeTicks } from './scale';
import { useWidth } from './use_width';

interface PlotProps {
    title: string;
    unit?: string;
    legend: readonly { name: string; mark: string }[];
    /** What the plot says, in a sentence or two. */
    summary: string;
    bins: readonly Bin[];
    binMs: number;
    start: number;
    /** The highest value that is drawn. */
    top: number;
    tickText(value: number): string;
    draw(frame: Frame): ReactNode;
    /** What is said of one bin. */
    tell(bin: Bin): string;
    /** Columns of the table that stands for the plot. */
    columns: readonly { name: string; cell(bin: Bin): string }[];
}

const HEIGHT = 168;

/**
 * Axes, grid, a pointer that tells of one bin (the arrow keys move it too), and a table with the same figures for who
 * cannot see the picture.
 */
export function Plot({
    title,
    unit,
    legend,
    summary,
    bins,
    binMs,
    start,
    top,
    tickText,
    draw,
    tell,
    columns,
}: PlotProps) {
    const box = useRef<HTMLDivElement>(null);
    const width = useWidth(box);
    const [at, setAt] = useState<number>();
    const [asTable, setAsTable] = useState(false);
    const ticks = niceTicks(top);
    const span = bins.length * binMs;
    const area = frame(width, HEIGHT, span, ticks.at(-1)!);
    const pointed = at === undefined ? undefined : bins[at];

    const point = (event: PointerEvent<SVGSVGElement>) => {
        const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
        const index = Math.floor(((x - area.left) / (area.right - area.left)) * bins.length);
        setAt(index >= 0 && index < bins.length ? index : undefined);
    };
    const step = (event: KeyboardEvent) => {
        const move = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
        if (move !== undefined) {
            event.preventDefault();
            setAt((now) => Math.max(0, Math.min(bins.length - 1, (now ?? (move > 0 ? -1 : bins.length)) + move)));
        } else if (event.key === 'Escape') {
            setAt(undefined);
        }
    };
    const middle = pointed ? area.x(pointed.from + binMs / 2) : 0;
    return (
        <figure className="plot">
            <figcaption className="plot-head">
                <h3>
                    {title}
                    {unit && <span className="soft unit-of-plot"> {unit}</span>}
                </h3>
                <ul className="legend small soft">
                    {legend.map(({ name, mark }) => (
                        <li key={name}>
                            <span className="legend-mark" data-mark={mark} aria-hidden="true" />
                            {name}
                        </li>
                    ))}
                </ul>
                <button
                    type="button"
                    className="text-button small"
                    aria-expanded={asTable}
                    onClick={() => setAsTable(!asTable)}
                >
                    {asTable ? 'Hide table' : 'Table'}
                    <span className="unseen"> of {title.toLowerCase()}</span>
                </button>
            </figcaption>
            <div className="plot-box" ref={box}>
                <svg
                    width={width}
                    height={HEIGHT}
                    role="img"
                    aria-label={`${title}. ${summary}`}
                    tabIndex={0}
                    onPointerMove={point}
                    onPointerLeave={() => setAt(undefined)}
                    onBlur={() => setAt(undefined)}
                    onKeyDown={step}
                >
                    {ticks.map((tick) => (
                        <g key={tick}>
                            <line
                                className={tick === 0 ? 'axis' : 'grid'}
                                x1={area.left}
                                x2={area.right}
                                y1={area.y(tick)}
                                y2={area.y(tick)}
                            />
                            <text className="tick" x={area.left - 8} y={area.y(tick)} dy="0.32em" textAnchor="end">
                                {tickText(tick)}
                            </text>
                        </g>
                    ))}
                    {timeTicks(span, width < 420 ? 4 : 6).map((ms) => (
                        <text
                            key={ms}
                            className="tick"
                            x={area.x(ms)}
                            y={HEIGHT - 6}
                            textAnchor={area.x(ms) > area.right - 24 ? 'end' : ms === 0 ? 'start' : 'middle'}
                        >
                            {ms === 0 ? '0' : duration(ms)}
                        </text>
                    ))}
                    {pointed && (
                        <rect
                            className="pointed"
                            x={area.x(pointed.from)}
                            width={Math.max(1, area.x(binMs) - area.left)}
                            y={area.top}
                            height={area.bottom - area.top}
                        />
                    )}
                    {draw(area)}
                </svg>
                {pointed && (
                    <p
                        className="plot-tip small numbers"
                        role="status"
                        style={{ left: `${Math.min(Math.max(middle, 96), Math.max(96, width - 96))}px` }}
                    >
                        <span className="soft">{clockTime(start + pointed.from)}</span> {tell(pointed)}
                    </p>
                )}
            </div>
            {asTable && (
                <div className="plot-table" tabIndex={0} role="region" aria-label={`${title} as a table`}>
                    <table className="small numbers">
                        <caption className="unseen">{summary}</caption>
                        <thead>
                            <tr>
                                <th scope="col">From</th>
                                {columns.map(({ name }) => (
                                    <th key={name} scope="col">
                                        {name}
                                    </th>
                                ))}
                            </tr>
                        </thead>
                        <tbody>
                            {bins.map((bin) => (
                                <tr key={bin.from}>
                                    <th scope="row">{clockTime(start + bin.from)}</th>
                                    {columns.map(({ name, cell }) => (
                                        <td key={name}>{cell(bin)}</td>
                                    ))}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </figure>
    );
}
