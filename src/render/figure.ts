/** The figures of a benchmark as text. */
import type { BenchRow } from '../report/bench.ts';
import { durationText } from './terminal/value.ts';

/** To three digits, in the unit that suits it: `47.1 M/s`, `16.0 ms`, `0.68`. */
export function figureText(value: number, unit: BenchRow['unit']): string {
  if (unit === 'ms') return durationText(value);
  if (unit === 'min/max') return value.toFixed(2);
  for (const [prefix, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const) {
    if (value >= size) return `${(value / size).toPrecision(3)} ${prefix}/s`;
  }
  return `${value.toPrecision(3)} /s`;
}

/** To three digits, two below 1. */
export function ratioText(ratio: number): string {
  return ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(ratio < 1 ? 2 : 3);
}

/** Which of a mechanism's rows it is: `acquire, release, 2 processes, fairness`. */
export function rowLabel({ how, unit, processes, metric }: BenchRow): string {
  const parts = [how, unit === 'ms' ? null : processesText(processes), metric === 'fairness' ? 'fairness' : null];
  const label = parts.filter((part) => part !== null).join(', ');
  return label === '' ? metric : label;
}

function processesText(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}
