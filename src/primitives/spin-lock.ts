/**
 * A lock that nobody sleeps on: who wants it looks again and again. For comparison; {@link Lock} is the one to use.
 *
 * ```
 * word = 0           free
 *      = owner << 1  held. The lowest bit is set by who waits asynchronously, and says that bells are to be rung
 * ```
 *
 * - Test and test-and-set: only a look that finds the word free is followed by a compare-and-exchange. An exchange takes the word's cache line away
 *   from everybody else, also when it fails; a load shares it.
 * - Between two looks a process backs off, from about 30 ns up to some 4 µs and by chance, so that the looks of many do not keep the holder from
 *   releasing.
 * - While it spins it uses its processor fully. That is worth it when the lock is held for less time than it takes to fall asleep and be woken,
 *   and when the holder has a processor. Where there are more processes than processors, others burn the very time that the holder needs.
 * - No fairness: it goes to whoever happens to look first.
 * - The owner in the word is why the death of a holder is noticed, after each round of looks; a plain test-and-set lock would spin for ever.
 *
 * Progress: blocking. Source: Rudolph and Segall (1984); Anderson, "The Performance of Spin Lock Alternatives" (1990).
 */
import { monotonicMs } from '../memory/clock.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type Condition, SLICE_MS } from '../memory/waiting.ts';
import { OwnedLock } from './owned-lock.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { hasPassed } from '../memory/timeout.ts';

const FREE = 0;
const FIRST_TURNS = 64;
const MOST_TURNS = 8192;
/** Looks between two looks around, at whether the owner is alive and time is left: some 0.1 ms. */
const ROUND = 32;
/** What the word never holds: to sleep on it is not to sleep. */
const NEVER = -1;

/**
 * A lock between processes that spins while another holds it. Not recursive; any process may release it, as a Lock. Who waits asynchronously sleeps, so
 * that its event loop goes on.
 */
export class SpinLock extends OwnedLock {
  readonly kind = 'SpinLock';

  /** Makes a free lock. @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}): SpinLock {
    return memory.objects.create(KIND.spinLock, 4, options.name, (offset) => new SpinLock(memory, offset));
  }

  /** @internal */
  protected override takeSlowly(timeoutMs: number | undefined): boolean {
    if (hasPassed(timeoutMs)) return false;
    return this.memory.waiter.block(this.#spinning(), timeoutMs) === true;
  }

  /** Never sleeps: each round of the wait is a round of looks. */
  #spinning(): Condition<true> {
    const { wordCell, memory } = this;
    let turns = FIRST_TURNS;
    let askedAt = monotonicMs();
    return {
      verb: 'acquire',
      target: this[SHARED_OBJECT],
      cell: wordCell,
      expected: NEVER,
      attempt: () => {
        for (let look = 0; look < ROUND; look++) {
          if (this.cells.backOff(wordCell, turns) === FREE && this.tryTake()) return true;
          // By chance, or else two that spin keep step with each other and with the holder.
          turns = Math.min(turns * 2, MOST_TURNS) - ((Math.random() * turns) | 0);
        }
        return undefined;
      },
      check: () => {
        const word = this.cells.load(wordCell);
        if (word === FREE) return;
        const now = monotonicMs();
        const thorough = now - askedAt >= SLICE_MS;
        if (thorough) askedAt = now;
        if (!memory.slots.isAlive(word >>> 1, thorough) && this.cells.load(wordCell) === word)
          throw this.ownerDied(memory.slots.name(word >>> 1));
      },
    };
  }
}
