// SPDX-License-Identifier: BSL-1.0
import { useMemo } from 'react';
import { duration } from '../format/duration';
import { quantile, sortedNumbers, type Bin, type Ending } from './bins';
import { linePath } from './frame';
import { Plot } from './plot';

interface LatencyPlotProps {
    bins: readonly Bin[];
    binMs: number;
    start: number;
    endings: readonly Ending[];
}

/** How long the last attempt of each item took: half of them up to the line, nine of ten up to the band's edge. */
export function LatencyPlot({ bins, binMs, start, endings }: LatencyPlotProps) {
    const top = Math.max(...bins.map((bin) => bin.p90 ?? 0), 0);
    const sorted = useMemo(() => sortedNumbers(endings.map((ending) => ending.durationMs)), [endings, bins]);
    const summary =
        sorted.length === 0
            ? 'No attempt has ended yet.'
            : `Half of all attempts took up to ${duration(quantile(sorted, 0.5))}, nine of ten up to ` +
              `${duration(quantile(sorted, 0.9))}, the longest ${duration(quantile(sorted, 1))}.`;
    return (
        <Plot
            title="Latency"
            unit="of the last attempt"
            legend={[
                { name: 'Median', mark: 'line' },
                { name: '9 of 10 within', mark: 'band' },
            ]}
            summary={summary}
            bins={bins}
            binMs={binMs}
            start={start}
            top={top}
            tickText={(value) => (value === 0 ? '0' : duration(value))}
            draw={(area) => {
                const middle = (bin: Bin) => area.x(bin.from + binMs / 2);
                const half = Math.max(0.5, (area.x(binMs) - area.left) / 2 - 0.5);
                return (
                    <>
                        {bins.map(
                            (bin) =>
                                bin.p90 !== undefined && (
                                    <rect
                                        key={bin.from}
                                        className="band"
                                        x={middle(bin) - half}
                                        width={half * 2}
                                        y={area.y(bin.p90)}
                                        height={Math.max(1, area.bottom - area.y(bin.p90))}
                                    />
                                ),
                        )}
                        <path
                            className="median"
                            d={linePath(
                                // Bins in which nothing ended are passed over: the other plot shows them.
                                bins
                                    .filter((bin) => bin.median !== undefined)
                                    .map((bin) => [middle(bin), area.y(bin.median!)]),
                            )}
                        />
                        {sorted.length > 0 &&
                            bins.filter((bin) => bin.median !== undefined).length < 30 &&
                            bins.map(
                                (bin) =>
                                    bin.median !== undefined && (
                                        <circle
                                            key={bin.from}
                                            className="dot"
                                            cx={middle(bin)}
                                            cy={area.y(bin.median)}
                                            r="2.5"
                                        />
                                    ),
                            )}
                    </>
                );
            }}
            tell={(bin) =>
                bin.median === undefined
                    ? 'nothing ended'
                    : `median ${duration(bin.median)}, 9 of 10 within ${duration(bin.p90!)}`
            }
            columns={[
                { name: 'Median', cell: (bin) => (bin.median === undefined ? '–' : duration(bin.median)) },
                { name: '9 of 10 within', cell: (bin) => (bin.p90 === undefined ? '–' : duration(bin.p90)) },
            ]}
        />
    );
}
