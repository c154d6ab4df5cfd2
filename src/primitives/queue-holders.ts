import { IpcError } from '../core/errors.ts';
import { HOLDER_CELLS, Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { WaitVerb } from '../memory/slot-layout.ts';
import { isEndless } from '../memory/timeout.ts';

const SHARED = 0;
const HOLDERS = 16;
export const QUEUE_HOLDER_CELLS = HOLDERS + HOLDER_CELLS;

/** What a holder of a queue may wait to do. */
export type QueueVerb = Extract<WaitVerb, 'put' | 'get' | 'wait'>;

const ACTS: Readonly<Record<QueueVerb, string>> = {
  put: 'take anything out of',
  get: 'put anything into',
  wait: 'finish what was put into',
};

/** A wait at a queue, as in {@link Demand}. */
export interface QueueWait {
  readonly verb: QueueVerb;
  readonly timeoutMs: number | undefined;
  readonly asynchronous: boolean;
}

/** A queue as those see it who must know when nobody is left who could end their wait. */
export interface Held {
  /** Byte offset of the queue. */
  readonly target: number;
  label(): string;
  isEmpty(): boolean;
}

/**
 * Who holds a queue. Nobody owns one, so a wait ends when all others who have it have ended, or are blocked in a wait for the same. Who waits
 * asynchronously goes on and may still act; so may this process itself, which is taken for granted as long as nobody else has ever had the queue.
 *
 * ```
 * cell 0 shared   1 once a second process has had it
 *     16 …        a byte per slot: who holds it (holders.ts)
 * ```
 */
export class QueueHolders {
  readonly #memory: LabMemory;
  readonly #holders: Holders;
  readonly #held: Held;
  readonly #base: number;
  #peer: number | undefined;

  /** @param baseCell first of its QUEUE_HOLDER_CELLS cells, zero for a new queue */
  constructor(memory: LabMemory, baseCell: number, held: Held) {
    this.#memory = memory;
    this.#base = baseCell;
    this.#holders = new Holders(memory.cells, baseCell + HOLDERS);
    this.#held = held;
  }

  /** See {@link Kind.forget}. @param baseCell as in the constructor */
  static forget({ cells }: LabMemory, baseCell: number, id: number): void {
    new Holders(cells, baseCell + HOLDERS).remove(id);
  }

  /** This process has it from now on. */
  join(): void {
    this.#holders.add(this.#memory.self);
    if (this.#holders.count() > 1) this.#memory.cells.store(this.#base + SHARED, 1);
  }

  /** This process has it no longer. */
  leave(): void {
    this.#holders.remove(this.#memory.self);
  }

  /** From now on a wait ends when that process has: it alone is at the other end. */
  dependOn(slot: number): void {
    this.#peer = slot;
  }

  /** Whether any other living process could end a wait to do that. */
  anyoneElse(verb: QueueVerb, thorough = true): boolean {
    const { slots, objects, self } = this.#memory;
    const { target } = this.#held;
    if (this.#peer !== undefined) return slots.isAlive(this.#peer, thorough);
    const waitsToo = (id: number): boolean => {
      const waiting = slots.waiting(id);
      if (waiting === undefined || waiting.target !== target || waiting.asynchronous) return false;
      // Who waits for something to do has nothing to finish.
      return waiting.verb === verb || (verb === 'wait' && waiting.verb === 'get' && this.#held.isEmpty());
    };
    // A reference under way in a message may still reach somebody.
    return (
      objects.references(target) > this.#holders.count() || this.#holders.anyoneElse(self, slots, waitsToo, thorough)
    );
  }

  /** Whether nobody is left who could end a wait for ever to do that. */
  isInVain(verb: QueueVerb, asynchronous: boolean, thorough: boolean): boolean {
    if (asynchronous && this.#peer === undefined && this.#memory.cells.load(this.#base + SHARED) === 0) return false;
    if (this.anyoneElse(verb, thorough)) return false;
    // Whoever ended may have acted just before.
    return verb !== 'get' || this.#held.isEmpty();
  }

  /** With a timeout it is the timeout that ends a wait, whoever is left. @throws IpcError `ERR_IPC_NOBODY_LEFT` */
  check({ verb, timeoutMs, asynchronous }: QueueWait, thorough: boolean): void {
    if (!isEndless(timeoutMs) && this.#peer === undefined) return;
    if (!this.isInVain(verb, asynchronous, thorough)) return;
    throw new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could ${ACTS[verb]} ${this.#held.label()}`, {
      hint: 'Every other process that had it has ended or waits for the same.',
    });
  }
}
