// SPDX-License-Identifier: BSL-1.0
import { count, counted, perMinute } from '../format/count';
import { duration } from '../format/duration';
import type { Bin } from './bins';
import type { Frame } from './frame';
import { Plot } from './plot';

interface ThroughputPlotProps {
    bins: readonly Bin[];
    binMs: number;
    start: number;
}

/** Items that ended, as a pace: successful ones below, failed ones on top of them. */
export function ThroughputPlot({ bins, binMs, start }: ThroughputPlotProps) {
    const aMinute = 60_000 / binMs;
    const top = Math.max(...bins.map((bin) => (bin.successful + bin.failed) * aMinute), 0);
    const ended = bins.reduce((sum, bin) => sum + bin.successful + bin.failed, 0);
    const failed = bins.reduce((sum, bin) => sum + bin.failed, 0);
    const summary =
        `${counted(ended, 'item')} ended in ${duration(bins.length * binMs)}, ${count(failed)} of them failed; ` +
        `at the busiest ${perMinute(top)} a minute.`;
    return (
        <Plot
            title="Throughput"
            unit="items a minute"
            legend={[
                { name: 'Succeeded', mark: 'good' },
                { name: 'Failed', mark: 'bad' },
            ]}
            summary={summary}
            bins={bins}
            binMs={binMs}
            start={start}
            top={top}
            tickText={(value) =>
                value === 0 ? '0' : value >= 10_000 ? `${perMinute(value / 1000)}k` : perMinute(value)
            }
            draw={(area) => <Columns bins={bins} binMs={binMs} area={area} scale={aMinute} />}
            tell={(bin) =>
                `${perMinute((bin.successful + bin.failed) * aMinute)} a minute` +
                (bin.failed > 0 ? `, ${count(bin.failed)} failed` : '')
            }
            columns={[
                { name: 'Succeeded', cell: (bin) => count(bin.successful) },
                { name: 'Failed', cell: (bin) => count(bin.failed) },
                { name: 'A minute', cell: (bin) => perMinute((bin.successful + bin.failed) * aMinute) },
            ]}
        />
    );
}

function Columns({ bins, binMs, area, scale }: { bins: readonly Bin[]; binMs: number; area: Frame; scale: number }) {
    const whole = area.x(binMs) - area.left;
    const width = Math.max(1, whole - Math.min(2, whole * 0.2));
    return (
        <>
            {bins.map((bin) => {
                const x = area.x(bin.from) + (whole - width) / 2;
                const good = area.y(bin.successful * scale);
                const all = area.y((bin.successful + bin.failed) * scale);
                return (
                    <g key={bin.from}>
                        {bin.successful > 0 && (
                            <rect className="good" x={x} y={good} width={width} height={area.bottom - good} />
                        )}
                        {bin.failed > 0 && <rect className="bad" x={x} y={all} width={width} height={good - all} />}
                    </g>
                );
            })}
        </>
    );
}
