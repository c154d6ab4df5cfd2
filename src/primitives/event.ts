/**
 * A flag that processes wait for.
 *
 * ```
 * body cell 0 flag   counts changes: odd while it is set, even while it is clear
 *           8 …      sleepers and holders (unowned.ts)
 * ```
 *
 * Whoever waits keeps the count with which its wait began, and goes on when there is another: so a set that is cleared at once still releases
 * all who waited for it. Progress: setting, clearing and looking are lock-free, waiting blocks.
 */
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { LOOKS, Unowned, UNOWNED_CELLS } from './unowned.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const SET = 1;
const EVERYONE = 2 ** 31 - 1;

/** A flag between processes: clear when it is made; {@link set} releases all who wait, and all who come until it is cleared. */
export class Event extends Unowned {
  readonly kind = 'Event';
  readonly #patience = new Patience(LOOKS);

  /** Makes a clear event. @param changes where its count begins, an even number, so that tests can begin next to its wrap @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}, changes = 0): Event {
    return memory.objects.create(KIND.event, UNOWNED_CELLS * 4, options.name, (offset) => {
      const event = new Event(memory, offset);
      memory.cells.store(event.flagCell, changes);
      return event;
    });
  }

  /** Whether it is set at this moment. */
  get isSet(): boolean {
    return (this.cells.load(this.flagCell) & SET) !== 0;
  }

  /** @internal */
  override shownContents(): unknown {
    return this.isSet ? 'set' : 'clear';
  }

  /** The cell that is odd while the event is set: a wait can go on when it is, or when it has changed since the wait began. @internal */
  get flagCell(): number {
    return this.base;
  }

  /** How often it has been set or cleared: a wait that began at one number ends at another. @internal */
  get changes(): number {
    return this.cells.load(this.flagCell);
  }

  /** Sets it and wakes everyone who waits; nothing happens when it is set already. */
  set(): void {
    if (this.#flip(0)) this.wakeSleepers(this.flagCell, EVERYONE);
  }

  /** Clears it; nothing happens when it is clear already. */
  clear(): void {
    this.#flip(SET);
  }

  /**
   * Blocks until it is set, and returns true; returns false when `timeoutMs` passed first. True also when it was set and cleared again since
   * the wait began: so Python's `threading.Event` answers, where its `multiprocessing.Event` says what the flag is when the waiter wakes up.
   * @throws IpcError `ERR_IPC_NOBODY_LEFT` when nobody is left who could set it; `ERR_IPC_CLOSED`
   */
  wait(timeoutMs?: number): boolean {
    refuseNoTimeout(timeoutMs);
    const start = this.cells.load(this.flagCell);
    if ((start & SET) !== 0) return true;
    if (hasPassed(timeoutMs)) return false;
    return this.memory.waiter.block(this.#change(start, timeoutMs, false), timeoutMs) === true;
  }

  /** As {@link wait}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async waitAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    const { timeoutMs } = options;
    refuseNoTimeout(timeoutMs);
    const start = this.cells.load(this.flagCell);
    if ((start & SET) !== 0) return true;
    return (await this.memory.waiter.blockAsync(this.#change(start, timeoutMs, true), options)) === true;
  }

  /** @internal */
  protected override nobodyLeft(): IpcError {
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could set ${this.name}`, {
      hint: 'Every other process that had it has ended or waits for the same.',
    });
  }

  /** Makes the flag the other one if it is `from`; tells whether it was. */
  #flip(from: 0 | typeof SET): boolean {
    for (;;) {
      const changes = this.cells.load(this.flagCell);
      if ((changes & SET) !== from) return false;
      if (this.cells.compareExchange(this.flagCell, changes, (changes + 1) | 0) === changes) return true;
    }
  }

  #change(start: number, timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    return this.waiting({
      verb: 'wait',
      cell: this.flagCell,
      expected: start,
      patience: this.#patience,
      timeoutMs,
      asynchronous,
      attempt: () => (this.cells.load(this.flagCell) === start ? undefined : true),
    });
  }
}
