/**
 * Runs the operations of several actors in many interleavings, in one thread: whenever an actor is about to touch shared memory, another may
 * be run first, and whenever one sleeps, others run until it is woken.
 *
 * ```
 * A.release ──load──┐                      ┌──exchange──wake──
 *                   └─ B.acquire ──sleep──… ┘
 * ```
 *
 * Operations nest, as interrupts do: who was interrupted goes on when the operation that came in between is over. So not every interleaving
 * is reached; one in which only an actor further down could go on is given up. Those that are reached are reached every time, in the same
 * order, which no test with real processes can promise. A sleeper has no time-out here: what time-outs cure is found, not cured.
 */
import type { Cells } from '#src/memory/cells.js';

/** What one process does, one operation after the other. */
export type Actor = readonly (() => void)[];

export interface Program {
  /** Puts shared memory into its first state. */
  reset(): void;
  readonly actors: readonly Actor[];
}

/** What must not be: thrown by an operation. */
export class Violation extends Error {}

class GivenUp extends Error {}

export interface Verdict {
  readonly executions: number;
  /** What went wrong first, or undefined. */
  readonly violation: string | undefined;
}

interface Sleeper {
  readonly actor: number;
  readonly cell: number;
  woken: boolean;
}

const PREEMPTION_BOUND = 2;
const EXECUTION_LIMIT = 200_000;

export class Interleavings {
  /** The choices of this execution; what is left of the one before is taken again first. */
  readonly #choices: { taken: number; readonly among: number }[] = [];
  #position = 0;
  #preemptions = 0;
  #actors: readonly Actor[] = [];
  #next: number[] = [];
  #stack: number[] = [];
  #sleepers: Sleeper[] = [];
  readonly #wakeNewest: boolean;

  /** @param wakeNewest which of several sleepers on a cell a wake-up reaches: the newest, or the oldest. */
  constructor(wakeNewest: boolean) {
    this.#wakeNewest = wakeNewest;
  }

  /** The shared memory as one actor sees it: every access is a point at which others may come in between. */
  cells(actor: number, cells: Cells): Cells {
    return new Proxy(cells, {
      get: (target, name) => {
        if (name === 'wait') return (cell: number, expected: number) => this.#sleep(actor, target, cell, expected);
        if (name === 'wake') return (cell: number, count: number) => this.#wake(cell, count);
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          this.#mayBePreempted();
          return method.apply(target, args);
        };
      },
    });
  }

  /** Goes through the interleavings of a program until one goes wrong. */
  explore(program: Program): Verdict {
    this.#choices.length = 0;
    for (let executions = 1; executions <= EXECUTION_LIMIT; executions++) {
      const violation = this.#execute(program);
      if (violation !== undefined) return { executions, violation };
      while (this.#choices.length > 0) {
        const last = this.#choices.at(-1);
        if (last !== undefined && ++last.taken < last.among) break;
        this.#choices.pop();
      }
      if (this.#choices.length === 0) return { executions, violation: undefined };
    }
    throw new Error(`more than ${EXECUTION_LIMIT} interleavings`);
  }

  #execute(program: Program): string | undefined {
    this.#position = 0;
    this.#preemptions = 0;
    this.#actors = program.actors;
    this.#next = program.actors.map(() => 0);
    this.#stack = [];
    this.#sleepers = [];
    program.reset();
    try {
      for (let ready = this.#ready(); ready.length > 0; ready = this.#ready())
        this.#run(ready, this.#choose(ready.length));
    } catch (error) {
      if (error instanceof Violation) return error.message;
      if (!(error instanceof GivenUp)) throw error;
    }
    return undefined;
  }

  #choose(among: number): number {
    if (this.#position === this.#choices.length) this.#choices.push({ taken: 0, among });
    return this.#choices[this.#position++]?.taken ?? 0;
  }

  /** The actors that are between two operations and have one left. */
  #ready(): number[] {
    return this.#actors.flatMap((operations, actor) =>
      (this.#next[actor] ?? 0) < operations.length && !this.#stack.includes(actor) ? [actor] : [],
    );
  }

  #run(ready: readonly number[], which: number): void {
    const actor = ready[which] ?? 0;
    const next = this.#next[actor] ?? 0;
    this.#next[actor] = next + 1;
    this.#stack.push(actor);
    this.#actors[actor]?.[next]?.();
    this.#stack.pop();
  }

  #mayBePreempted(): void {
    while (this.#preemptions < PREEMPTION_BOUND && this.#stack.length > 0) {
      const ready = this.#ready();
      const which = ready.length === 0 ? 0 : this.#choose(ready.length + 1);
      if (which === 0) return;
      this.#preemptions++;
      this.#run(ready, which - 1);
    }
  }

  #sleep(actor: number, cells: Cells, cell: number, expected: number): 'changed' | 'woken' {
    this.#mayBePreempted();
    if (cells.load(cell) !== expected) return 'changed';
    const sleeper: Sleeper = { actor, cell, woken: false };
    this.#sleepers.push(sleeper);
    while (!sleeper.woken) {
      const ready = this.#ready();
      if (ready.length === 0) throw this.#stuck();
      this.#run(ready, this.#choose(ready.length));
    }
    return 'woken';
  }

  #wake(cell: number, count: number): void {
    const asleep = this.#sleepers.filter((sleeper) => sleeper.cell === cell && !sleeper.woken);
    if (this.#wakeNewest) asleep.reverse();
    for (const sleeper of asleep.slice(0, count)) sleeper.woken = true;
  }

  /** Nobody on top can go on: either nobody can at all, or somebody further down, whom nesting cannot reach. */
  #stuck(): Error {
    const asleep = new Set(this.#sleepers.filter(({ woken }) => !woken).map(({ actor }) => actor));
    return this.#stack.every((actor) => asleep.has(actor))
      ? new Violation(`actors ${this.#stack.join(' and ')} sleep, and nobody is left to wake them`)
      : new GivenUp();
  }
}

/** Shared memory in which a sleeper sleeps whatever has changed since it looked. */
export function sleepingBlindly(cells: Cells): Cells {
  return new Proxy(cells, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown;
      if (name === 'wait') return (cell: number): unknown => target.wait(cell, target.load(cell), Infinity);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** Shared memory whose compare-and-exchange is a load and then a store: what must never pass for one. */
export function withoutCompareExchange(cells: Cells): Cells {
  return new Proxy(cells, {
    get: (target, name) => {
      if (name === 'compareExchangeBigInt64') {
        return (index: number, expected: bigint, replacement: bigint): bigint => {
          const found = target.loadBigInt64(index);
          if (found === expected) target.storeBigInt64(index, replacement);
          return found;
        };
      }
      const member = Reflect.get(target, name) as unknown;
      if (name !== 'compareExchange') return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      return (cell: number, expected: number, replacement: number): number => {
        const found = target.load(cell);
        if (found === expected) target.store(cell, replacement);
        return found;
      };
    },
  });
}
