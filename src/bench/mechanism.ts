/** What a benchmark is made of. */
import type { BenchRow } from '../report/bench.ts';
import type { Python } from './python.ts';

/** What one measurement gave: metric to value. Our loops also say how long the window was (`windowNs`) and how
 * often a process was put aside in it (`preemptionsPerSecond`). */
export type Sample = Readonly<Record<string, number>>;

export interface SampleSettings {
  /** How long a loop is repeated before it counts, and while it does. */
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly signal: AbortSignal | undefined;
}

/** The same work by other means. */
export interface Peer {
  readonly name: string;
  sample(python: Python, settings: SampleSettings): Promise<Sample>;
}

/** One way of doing what is measured; each gives a row per metric. */
export interface Variant {
  readonly how?: string;
  readonly processes: number;
  readonly size?: number;
  readonly metrics: readonly (keyof typeof METRICS)[];
  /** Whether its processes wait for each other by nature, so that it does not matter when they cannot run at the same time. */
  readonly inTurn?: true;
  /** Whether the first measurement is thrown away, because files had to be read from the disk. */
  readonly cold?: true;
  sample(settings: SampleSettings): Promise<Sample>;
  /** The closest counterpart first. */
  readonly peers: readonly Peer[];
}

export interface Mechanism {
  /** What is typed after `ipc-lab bench`. */
  readonly name: string;
  readonly about: string;
  readonly variants: readonly Variant[];
}

/** The metrics there are. Rates and times are as the report has them. */
export const METRICS = {
  throughput: { unit: 'op/s', better: 'higher' },
  /** The least that a process got, as a share of the most that one got. */
  fairness: { unit: 'min/max', better: 'higher' },
  latency: { unit: 'ms', better: 'lower' },
  'wall clock': { unit: 'ms', better: 'lower' },
} as const satisfies Record<BenchRow['metric'], Pick<BenchRow, 'unit' | 'better'>>;
