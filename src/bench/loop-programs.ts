/**
 * The loops whose rate is measured, as a scenario: each process warms its loop up, waits for the others, and repeats it until the window is
 * over. All stop by the clock, not after so many turns, so that nobody runs alone at the end and the counts show who got how much.
 */
import type { Lock } from '../primitives/lock.ts';
import type { RawArray } from '../primitives/raw-array.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import type { Semaphore } from '../primitives/semaphore.ts';
import { scenario } from '../scenario/define.ts';

/** What the loops work on. */
interface Bench {
  readonly counter: RawValue<'i'>;
  readonly numbers: RawArray;
  readonly lock: Lock;
  readonly semaphore: Semaphore;
}

interface Loop {
  /** How many operations one call does: enough that looking at the clock between calls costs nothing. */
  readonly times: number;
  /** Whether every operation adds 1 to the counter and none may get lost. */
  readonly exact?: true;
  /** Done before each call, and not timed. */
  prepare?(bench: Bench): void;
  run(bench: Bench, times: number): void;
}

const ELEMENTS = 1_000_000;

const LOOPS = {
  'acquire-release-increment': {
    times: 10_000,
    exact: true,
    run({ counter, lock }, times) {
      for (let i = 0; i < times; i++) {
        lock.acquire();
        counter.value += 1;
        lock.release();
      }
    },
  },
  'using-hold-increment': {
    times: 10_000,
    exact: true,
    run({ counter, lock }, times) {
      for (let i = 0; i < times; i++) {
        using _held = lock.hold();
        counter.value += 1;
      }
    },
  },
  'acquire-release': {
    times: 10_000,
    run({ lock }, times) {
      for (let i = 0; i < times; i++) {
        lock.acquire();
        lock.release();
      }
    },
  },
  'semaphore-acquire-release': {
    times: 10_000,
    run({ semaphore }, times) {
      for (let i = 0; i < times; i++) {
        semaphore.acquire();
        semaphore.release();
      }
    },
  },
  increment: {
    times: 100_000,
    run({ counter }, times) {
      for (let i = 0; i < times; i++) {
        counter.value += 1;
      }
    },
  },
  'atomic-add': {
    times: 100_000,
    exact: true,
    run({ counter }, times) {
      for (let i = 0; i < times; i++) {
        counter.add(1);
      }
    },
  },
  'square-elements': {
    times: ELEMENTS,
    prepare: refill,
    run({ numbers, lock }) {
      using _held = lock.hold();
      for (let i = 0; i < numbers.length; i++) {
        numbers.set(i, numbers.get(i) ** 2);
      }
    },
  },
  'square-view': {
    times: ELEMENTS,
    prepare: refill,
    run({ numbers, lock }) {
      using _held = lock.hold();
      const view = numbers.view();
      for (let i = 0; i < view.length; i++) {
        view[i] = (view[i] as number) ** 2;
      }
    },
  },
} satisfies Record<string, Loop>;

export type LoopName = keyof typeof LOOPS;

/** What a child is given besides its number. */
interface Task {
  readonly loop: string;
  readonly bench: Bench;
  readonly processes: number;
  /** How many have come to a meeting: {@link meet}. */
  readonly arrived: RawValue<'i'>;
  /** Of each process: when its window began and ended, in ns since `epochNs`, and how many operations it did in it, and in all; and how often it
   * was put aside for somebody else in it. */
  readonly windows: RawArray<'d'>;
  readonly epochNs: bigint;
  readonly warmUpMs: number;
  readonly windowMs: number;
}

const FIELDS = 5;

export default scenario({
  name: 'bench-loop',
  title: 'A loop, measured',
  teaches: [],
  params: {
    loop: { default: 'increment', choices: Object.keys(LOOPS) },
    processes: { default: 1, min: 1, max: 64 },
    warmUpMs: { default: 100, min: 0 },
    windowMs: { default: 100, min: 1 },
  },
  run(lab, { loop, processes, warmUpMs, windowMs }) {
    const bench = {
      counter: lab.rawValue('i', 0),
      numbers: lab.rawArray('i', loop.startsWith('square') ? ELEMENTS : 0),
      lock: lab.lock(),
      semaphore: lab.semaphore(1),
    };
    const windows = lab.rawArray('d', processes * FIELDS);
    const epochNs = process.hrtime.bigint();
    const arrived = lab.rawValue('i', 0);
    const task = { loop, bench, processes, arrived, windows, epochNs, warmUpMs, windowMs };
    lab.join(Array.from({ length: processes }, (_, index) => lab.start(repeat, index, task)));
    const each = Array.from({ length: processes }, (_, index) => windows.slice(index * FIELDS, (index + 1) * FIELDS));
    const of = (field: number): number[] => each.map((fields) => fields[field] as number);
    const windowNs = Math.max(...of(1)) - Math.min(...of(0));
    const total = sum(of(3));
    if ((LOOPS[loop as LoopName] as Loop).exact === true && bench.counter.value !== (total | 0)) {
      throw new Error(`${loop} counted ${bench.counter.value} instead of ${total | 0}`);
    }
    return {
      throughput: (sum(of(2)) / windowNs) * 1e9,
      fairness: Math.min(...of(2)) / Math.max(...of(2)),
      windowNs,
      preemptionsPerSecond: sum(of(4)) / processes / (windowNs / 1e9),
    };
  },
});

/** Runs in each child. */
export function repeat(index: number, task: Task): void {
  const { loop, bench, processes, arrived, windows, epochNs, warmUpMs, windowMs } = task;
  const found = LOOPS[loop as LoopName];
  meet(arrived, processes);
  const warm = repeatFor(found, bench, warmUpMs);
  meet(arrived, 2 * processes);
  const putAside = process.resourceUsage().involuntaryContextSwitches;
  const measured = repeatFor(found, bench, windowMs);
  const preemptions = process.resourceUsage().involuntaryContextSwitches - putAside;
  windows.assign(
    [
      Number(measured.startNs - epochNs),
      Number(measured.endNs - epochNs),
      measured.count,
      warm.count + measured.count,
      preemptions,
    ],
    index * FIELDS,
  );
}

/** Repeats at least once, until the time is over. What `prepare` takes is no part of the window. */
function repeatFor(loop: Loop, bench: Bench, ms: number): { startNs: bigint; endNs: bigint; count: number } {
  const lengthNs = BigInt(Math.round(ms * 1e6));
  let startNs = process.hrtime.bigint();
  let endNs = startNs;
  let count = 0;
  do {
    if (loop.prepare !== undefined) {
      loop.prepare(bench);
      startNs += process.hrtime.bigint() - endNs;
    }
    loop.run(bench, loop.times);
    count += loop.times;
    endNs = process.hrtime.bigint();
  } while (endNs - startNs < lengthNs);
  return { startNs, endNs, count };
}

/** Spins until as many as `count` arrivals have been: who is woken from sleep starts 40 µs late. */
function meet(arrived: RawValue<'i'>, count: number): void {
  arrived.add(1);
  while (arrived.value < count);
}

/** Squaring twice would overflow. */
function refill({ numbers }: Bench): void {
  const view = numbers.view();
  for (let i = 0; i < view.length; i++) view[i] = i % 1000;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
