/**
 * What primitives have in common that nobody owns: whoever has one may end the wait of another, so a wait is in vain when nobody is left.
 *
 * ```
 * body cell  0 …   the primitive's own
 *            8     sleepers: how many waits must be woken; while it is 0, whoever ends waits makes no system call
 *            9     shared: 1 once a second process has had it
 *           12     holders: a byte per slot (holders.ts)
 *          268 …   more of its own
 * ```
 *
 * The count of sleepers goes up before the last look at what is waited for, and whoever changes that looks at the count afterwards: one of
 * the two sees the other. A process that is killed while it sleeps leaves the count too high, which costs others needless system calls.
 */
import type { IpcError } from '../core/errors.ts';
import { monotonicMs } from '../memory/clock.ts';
import { HOLDER_CELLS, Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import type { Patience } from '../memory/patience.ts';
import type { WaitVerb } from '../memory/slot-layout.ts';
import type { Condition as Wait } from '../memory/waiting.ts';
import { bodyCell, Primitive } from './primitive.ts';
import { isEndless } from '../memory/timeout.ts';

const SLEEPERS = 8;
const SHARED = 9;
const HOLDERS = 12;
export const UNOWNED_CELLS = HOLDERS + HOLDER_CELLS;

/** About 30 µs, less than waking an idle processor takes. */
export const LOOKS = 1000;

/** So long must nobody have been left: who has just been served may look for a moment as if it still waited. */
const ALONE_MS = 500;

/** What a wait for an unowned primitive is for. */
export interface WaitFor<T> {
  readonly verb: WaitVerb;
  readonly cell: number;
  /** The value of the cell on which it is right to sleep. */
  readonly expected: number;
  readonly patience: Patience;
  /** With a timeout it is the timeout that ends it, whoever is left. */
  readonly timeoutMs: number | undefined;
  /** Whether this process goes on meanwhile, and may therefore end the wait itself. */
  readonly asynchronous: boolean;
  attempt(): T | undefined;
  /** Looks at what else the wait depends on. */
  readonly check?: (thorough: boolean) => void;
}

export abstract class Unowned extends Primitive {
  /** First cell of its own. @internal */
  protected readonly base: number;
  readonly #holders: Holders;
  /** How many waits of this process are counted among the sleepers. */
  #sleeping = 0;

  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.base = bodyCell(offset);
    this.#holders = new Holders(memory.cells, this.base + HOLDERS);
    this.#holders.add(memory.self);
    if (this.#holders.count() > 1) this.cells.store(this.base + SHARED, 1);
  }

  override close(): void {
    if (this.closed) return;
    // Its memory may soon be another object's: nothing of ours may come back to it.
    this.cells.add(this.base + SLEEPERS, -this.#sleeping);
    this.#holders.remove(this.memory.self);
    super.close();
    if (this.#sleeping > 0) this.memory.bells.ring(this.memory.self);
  }

  /** As {@link CountedWaitable.listen}. @internal */
  listen(by: 1 | -1): void {
    if (this.closed) return;
    this.#sleeping += by;
    this.cells.add(this.base + SLEEPERS, by);
  }

  /** See {@link Kind.forget}. @internal */
  static forget({ cells }: LabMemory, offset: number, id: number): void {
    const holders = new Holders(cells, bodyCell(offset) + HOLDERS);
    if (!holders.has(id)) return;
    // Whoever comes next is the second.
    cells.store(bodyCell(offset) + SHARED, 1);
    holders.remove(id);
  }

  /** Wakes up to `count` who sleep on a cell of it, if anybody sleeps. @internal */
  protected wakeSleepers(cell: number, count: number): void {
    if (this.cells.load(this.base + SLEEPERS) > 0) this.memory.waiter.wake(cell, count);
  }

  /** @internal */
  protected waiting<T>(wait: WaitFor<T>): Wait<T> {
    const { verb, cell, expected, patience, timeoutMs, asynchronous, check } = wait;
    let looked = false;
    let aloneSince: number | undefined;
    return {
      verb,
      target: this[SHARED_OBJECT],
      cell,
      expected,
      patience,
      attempt: () => wait.attempt(),
      enter: () => this.listen(1),
      leave: () => this.listen(-1),
      check: (thorough) => {
        check?.(thorough);
        // It takes a look at every slot, more than a quick answer costs: the first time, it is taken for granted that nobody is left.
        if (!looked) aloneSince = monotonicMs();
        looked = true;
        if (!thorough) return;
        if (!isEndless(timeoutMs) || this.anyoneLeft(asynchronous, thorough)) aloneSince = undefined;
        else if (monotonicMs() - (aloneSince ??= monotonicMs()) >= ALONE_MS) throw this.nobodyLeft();
      },
    };
  }

  /** Says that a wait is in vain. @internal */
  protected abstract nobodyLeft(): IpcError;

  /** Whether anybody is left who could end a wait of this process. @internal */
  protected anyoneLeft(asynchronous: boolean, thorough: boolean): boolean {
    const { objects, slots, self } = this.memory;
    // A reference under way in a message may still reach somebody.
    if (objects.references(this[SHARED_OBJECT]) > this.#holders.count()) return true;
    if (asynchronous && this.mayGoOnAlone()) return true;
    return this.#holders.anyoneElse(self, slots, (id) => this.isStuck(id), thorough);
  }

  /** Whether this process itself may end what it waits for asynchronously: taken for granted as long as no other has had the object. @internal */
  protected mayGoOnAlone(): boolean {
    return this.cells.load(this.base + SHARED) === 0;
  }

  /** Whether a process can do nothing because it waits for this object. An asynchronous wait stops nobody. @internal */
  protected isStuck(id: number): boolean {
    const { slots } = this.memory;
    const waiting = slots.waiting(id);
    return waiting !== undefined && waiting.target === this[SHARED_OBJECT] && !waiting.asynchronous;
  }
}
