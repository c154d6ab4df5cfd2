/**
 * How what takes several processes is counted: whoever is measured works for a warm-up, then counts what it does in a window. The others go on
 * until it is over.
 */
import type { RawArray } from '../primitives/raw-array.ts';
import type { Sample } from './mechanism.ts';

/** Operations between two looks at the clock. */
export const TURNS = 100;
/** Operations that a warm-up takes at least, for each of its milliseconds: on a busy machine the time may be over before code is compiled. */
const WARM_UP_PER_MS = 30;
/** How many times as long as it should a warm-up takes at most. */
const WARM_UP_STRETCH = 10;

export interface Window {
  /** Per measured process: operations in its window, and the window's length in ns. */
  readonly counts: RawArray<'d'>;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** Repeats work, {@link TURNS} operations each time, and enters how many there were for the measured process with that index. */
export function count(index: number, window: Window, work: () => void): void {
  for (const cold = untilWarm(window); cold.left(); ) work();
  const until = untilEndOf(window);
  let operations = 0;
  for (; until.left(); operations += TURNS) work();
  enter(index, window, operations, until.passedNs());
}

/** As {@link count}, for work that goes on while the event loop does. */
export async function countAsync(index: number, window: Window, work: () => Promise<unknown>): Promise<void> {
  for (const cold = untilWarm(window); cold.left(); ) await work();
  const until = untilEndOf(window);
  let operations = 0;
  for (; until.left(); operations += TURNS) await work();
  enter(index, window, operations, until.passedNs());
}

/** What all measured processes did together. */
export function rateOf({ counts }: Window): Sample {
  const measured = Array.from({ length: counts.length / 2 }, (_, index) => 2 * index);
  return {
    throughput: measured.reduce((sum, at) => sum + counts.get(at) / counts.get(at + 1), 0) * 1e9,
    windowNs: Math.min(...measured.map((at) => counts.get(at + 1))),
  };
}

function untilWarm({ warmUpMs }: Window): { left(): boolean } {
  const began = performance.now();
  let operations = -TURNS;
  return {
    left() {
      operations += TURNS;
      const ms = performance.now() - began;
      return ms < warmUpMs || (operations < warmUpMs * WARM_UP_PER_MS && ms < warmUpMs * WARM_UP_STRETCH);
    },
  };
}

function untilEndOf({ windowMs }: Window): { left(): boolean; passedNs(): number } {
  const began = process.hrtime.bigint();
  const end = began + BigInt(Math.round(windowMs * 1e6));
  let now = began;
  return {
    left() {
      now = process.hrtime.bigint();
      return now < end;
    },
    passedNs: () => Number(now - began),
  };
}

function enter(index: number, { counts }: Window, operations: number, ns: number): void {
  counts.set(2 * index, operations);
  counts.set(2 * index + 1, ns);
}
