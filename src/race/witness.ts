/**
 * Finds a lost update in what the processes of a race wrote down: a value that two of them read. Both wrote its successor, so of two increments
 * one is gone.
 *
 * The *smallest* such value is also the earliest and the clearest. As long as no value was read twice the counter only rises, so at that
 * value nothing had been undone yet: both processes read it in the one stretch of time in which the counter first held it. (Larger values may
 * come again because a process that slept long with an old one put the counter back.) For the same reason the two readers of the smallest
 * are never one and the same process.
 */
import type { ReadRun } from './read-log.ts';

/** A read of a process, and how it fared afterwards. */
export interface LoggedRead {
  readonly process: number;
  /** In which iteration; they count from 0. */
  readonly iteration: number;
  /** The last value it wrote before it found the counter changed by another. */
  readonly reached: number;
  /** What it found then; undefined when nobody interfered any more, or the log does not tell. */
  readonly thenRead: number | undefined;
}

export interface Witness {
  /** What both read; both wrote one more. */
  readonly value: number;
  readonly readers: readonly [LoggedRead, LoggedRead];
}

/** The smallest value that two processes read; undefined when the logs hold none. Sorts, then looks at each run once. */
export function findWitness(runs: readonly ReadRun[]): Witness | undefined {
  const byValue = runs.filter(({ length }) => length > 0).toSorted((a, b) => a.value - b.value);
  // As long as runs of different processes have not overlapped, only the run that goes farthest can overlap with the next.
  let farthest: ReadRun | undefined;
  for (const run of byValue) {
    if (farthest !== undefined && run.value < endOf(farthest) && run.process !== farthest.process) {
      return {
        value: run.value,
        readers: inOrder(readOf(runs, farthest, run.value), readOf(runs, run, run.value)),
      };
    }
    if (farthest === undefined || endOf(run) > endOf(farthest)) farthest = run;
  }
  return undefined;
}

function endOf(run: ReadRun): number {
  return run.value + run.length;
}

function readOf(runs: readonly ReadRun[], run: ReadRun, value: number): LoggedRead {
  const next = run.iteration + run.length;
  return {
    process: run.process,
    iteration: run.iteration + value - run.value,
    reached: endOf(run),
    thenRead: runs.find(({ process, iteration }) => process === run.process && iteration === next)?.value,
  };
}

function inOrder(a: LoggedRead, b: LoggedRead): [LoggedRead, LoggedRead] {
  return a.process < b.process ? [a, b] : [b, a];
}
