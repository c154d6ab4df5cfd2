/**
 * Looking at a cell for a moment before sleeping on it: a sleep and a wake-up cost a hundred times what the other side takes, if it is awake.
 *
 * Every few looks the processor is offered to others (sched_yield). Where nobody wants it that costs half a microsecond. Where more processes are
 * awake than there are processors, it goes to one of those that are waited for: four processes at a barrier on two processors get through
 * four times as many rounds as without, two processes on one processor hand over to each other twice as often.
 *
 * Others may be anybody: a program that computes keeps the processor for milliseconds. So it all ends after a fifth of one; and the
 * {@link Patience} learns whether it was worth it.
 */
import type { Platform } from '../platform/platform.ts';
import type { Cells } from './cells.ts';
import type { Patience } from './patience.ts';

/** What is watched: tries whenever the cell is no longer as expected. */
export interface Watched<T> {
  readonly cell: number;
  readonly expected: number;
  attempt(): T | undefined;
}

const MOST_MS = 0.2;
/** On a processor shared with who is waited for, a look without giving it away shows nothing, and one with it is worth so many. */
const LOOKS_A_YIELD = 256;
/** One that is waited for has had the processor by then, if it wants it. */
const MOST_YIELDS_ALONE = 3;

export interface LookoutOptions {
  /** Turns between two looks. */
  readonly pauseTurns: number;
  /** Looks from one offer of the processor to the next. */
  readonly looksPerYield: number;
  /** Whether those that are waited for have to have this processor. */
  readonly alone: boolean;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

export class Lookout {
  readonly #cells: Cells;
  readonly #platform: Platform;
  readonly #pauseTurns: number;
  readonly #looksPerYield: number;
  readonly #stride: number;
  readonly #alone: boolean;
  readonly #now: () => number;

  constructor(
    cells: Cells,
    platform: Platform,
    { pauseTurns, looksPerYield, alone, now = () => performance.now() }: LookoutOptions,
  ) {
    this.#now = now;
    this.#cells = cells;
    this.#platform = platform;
    this.#pauseTurns = alone ? 0 : pauseTurns;
    this.#looksPerYield = alone ? LOOKS_A_YIELD : looksPerYield;
    this.#alone = alone;
    this.#stride = alone ? LOOKS_A_YIELD : 1;
  }

  /** Looks for as long as it is worth it; returns what an attempt gave. */
  look<T>(watched: Watched<T>, patience: Patience): T | undefined {
    const most = this.#alone ? Math.min(patience.next(), MOST_YIELDS_ALONE * LOOKS_A_YIELD) : patience.next();
    let endMs: number | undefined;
    for (let look = this.#stride; look <= most; look += this.#stride) {
      if (look % this.#looksPerYield === 0) {
        endMs ??= this.#now() + MOST_MS;
        this.#platform.yieldProcessor();
        if (this.#now() > endMs) look = most;
      }
      if (this.#cells.backOff(watched.cell, this.#pauseTurns) === watched.expected) continue;
      const result = watched.attempt();
      if (result === undefined) continue;
      patience.learn(look);
      return result;
    }
    // Offers that nobody took have cost next to nothing.
    if (!this.#alone || (endMs !== undefined && this.#now() > endMs)) patience.learn(undefined);
    return undefined;
  }
}
