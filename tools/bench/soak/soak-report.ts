import { lineChart, type Chart } from '../chart/line-chart.js';
import { mean, slope, type Point } from '../chart/trend.js';
import { LATE_MS, type OpenLoadResult } from './open-loop.js';
import type { SoakSample } from './soak-sampler.js';

/** Heaps breathe: what rises by less than this share of itself is called flat. */
const FLAT_SHARE = 0.05;

/** By the name of the file, without its ending. */
export function soakCharts(samples: readonly SoakSample[]): Readonly<Record<string, string>> {
  const line = (name: string, value: (sample: SoakSample) => number): Chart['lines'][number] => ({
    name,
    points: pointsOf(samples, value),
  });
  const xTitle = 'minutes';
  const banks = Object.keys(samples[0]?.residentMb ?? {}).sort();
  return {
    memory: lineChart({
      title: 'Resident memory, MB',
      xTitle,
      lines: banks.map((bank) => line(bank, ({ residentMb }) => residentMb[bank] ?? NaN)),
    }),
    latency: lineChart({
      title: 'HTTP, ms',
      xTitle,
      lines: [line('p50', ({ httpP50 }) => httpP50), line('p99', ({ httpP99 }) => httpP99)],
    }),
    lag: lineChart({
      title: 'From debit to credit, ms',
      xTitle,
      lines: [line('p50', ({ lagP50 }) => lagP50), line('p99', ({ lagP99 }) => lagP99)],
    }),
    throughput: lineChart({
      title: 'Transfers credited per second',
      xTitle,
      lines: [line('credited/s', ({ creditedPerSecond }) => creditedPerSecond)],
    }),
  };
}

/** A verdict on each bank's memory in the last two thirds of the time. */
export function memoryLines(samples: readonly SoakSample[]): string[] {
  const lasted = samples.at(-1)?.minutes ?? 0;
  const late = samples.filter(({ minutes }) => minutes >= lasted / 3);
  const minutes = lasted - (late[0]?.minutes ?? lasted);
  return Object.keys(samples[0]?.residentMb ?? {})
    .sort()
    .map((bank) => {
      const points = pointsOf(late, ({ residentMb }) => residentMb[bank] ?? NaN);
      const perMinute = slope(points);
      const average = mean(points.map(([, mb]) => mb));
      return (
        `${bank}: memory ${trendOf(perMinute * minutes, average)} in the last ${minutes.toFixed(1)} minutes: ` +
        `${signed(perMinute)} MB a minute, ${average.toFixed(0)} MB on average`
      );
    });
}

/** Whether the rate was kept, and what came of the requests. */
export function loadLine(perSecond: number, result: OpenLoadResult): string {
  const { due, accepted, late, notBegun, failures } = result;
  const refused = [...failures].map(([status, count]) => `, ${count} answered ${status}`).join('');
  const kept =
    late + notBegun === 0
      ? 'kept up'
      : `did not keep up: ${late} began more than ${LATE_MS} ms late, ${notBegun} never`;
  return `${perSecond} transfers a second, ${due} in all: ${accepted} accepted${refused}; ${kept}`;
}

function trendOf(rise: number, average: number): string {
  if (Number.isNaN(rise)) return 'is unknown';
  if (Math.abs(rise) < average * FLAT_SHARE) return 'is flat';
  return rise > 0 ? 'GROWS' : 'falls';
}

function pointsOf(samples: readonly SoakSample[], value: (sample: SoakSample) => number): Point[] {
  return samples.map((sample) => [sample.minutes, value(sample)]);
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}
