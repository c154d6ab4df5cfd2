/** The tool doubts its own numbers: what speaks against leaning on a row, one sentence each. */
import { quantile, spread } from './statistics.ts';

const FEWEST_SAMPLES = 5;
const WIDEST_SPREAD = 0.25;
const FURTHEST_SAMPLE = 2;
/** A process that has a core to itself is put aside a few times a second; one that shares it, once a time slice: 100 and more. */
const MOST_PREEMPTIONS_PER_SECOND = 80;
/** A measurement should last this many times the clock's smallest step, so that the clock is wrong by 0.1 % at most. */
const SHORTEST_IN_FLOORS = 1000;

export interface Measured {
  /** Whose samples they are, as in `Python, fork`; undefined for ours. */
  readonly whose?: string;
  readonly samples: readonly number[];
}

/** What the samples themselves say against them: the gravest thing. */
export function doubtsOfSamples({ whose, samples }: Measured): string[] {
  const subject = whose === undefined ? '' : `${whose}: `;
  if (samples.length < FEWEST_SAMPLES) {
    return whose === undefined
      ? [`too few samples: ${samples.length}, where a median wants ${FEWEST_SAMPLES} or more`]
      : [];
  }
  const width = spread(samples);
  if (width > WIDEST_SPREAD) return [`${subject}noisy: the middle half of the samples spans ${percent(width)} of p50`];
  const sorted = samples.toSorted((a, b) => a - b);
  const typical = quantile(sorted, 0.5);
  const smallest = quantile(sorted, 0);
  const largest = quantile(sorted, 1);
  if (largest > typical * FURTHEST_SAMPLE) return [`${subject}one sample is ${times(largest / typical)} p50`];
  if (smallest < typical / FURTHEST_SAMPLE) return [`${subject}one sample is ${percent(smallest / typical)} of p50`];
  return [];
}

/** Whether a measurement lasted too short for the clock. */
export function doubtsOfWindow(shortestNs: number, floorNs: number): string[] {
  return shortestNs < floorNs * SHORTEST_IN_FLOORS
    ? [`too short: ${Math.round(shortestNs)} ns, and the clock steps by ${Math.round(floorNs)} ns`]
    : [];
}

/** Whether the processes could run at the same time at all. */
export function doubtsOfPlacement(processes: number, cores: number): string[] {
  return processes > cores
    ? [
        `${processes} processes on ${cores === 1 ? 'one core' : `${cores} cores`} take turns: this is not what fighting costs`,
      ]
    : [];
}

/** Whether something else ran on their cores: then processes that should have fought took turns. */
export function doubtsOfPreemptions(perSecond: readonly number[]): string[] {
  const often = perSecond.filter((count) => count > MOST_PREEMPTIONS_PER_SECOND).length;
  return often * 2 > perSecond.length
    ? [`in ${often} of ${perSecond.length} samples other programs kept taking its cores`]
    : [];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function times(factor: number): string {
  return `${factor.toFixed(1)} times`;
}
