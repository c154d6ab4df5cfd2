/**
 * A counting semaphore: so many permits, taken and given by anybody.
 *
 * ```
 * body cell 0 value     permits that are free, never negative; whoever finds 0 sleeps on it
 *           1 most      the largest value it may reach
 *           2 initial   the value it was made with
 *           8 …         sleepers and holders (unowned.ts)
 * ```
 *
 * Taking a permit that is free is one compare-and-exchange, giving one back another, and a load of the sleepers; no system call. A
 * permit is nobody's: a process that is killed with one takes it along, as with POSIX semaphores. Progress: blocking, not fair.
 */
import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { during } from './during.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { LOOKS, Unowned, UNOWNED_CELLS } from './unowned.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const VALUE = 0;
const MOST = 1;
const INITIAL = 2;
const MOST_PERMITS = 2 ** 31 - 1;

/** Lets so many in at a time. Any process may release it, whoever acquired it. As Python's `multiprocessing.Semaphore`. */
export class Semaphore extends Unowned {
  readonly kind: 'Semaphore' | 'BoundedSemaphore' = 'Semaphore';
  readonly #patience = new Patience(LOOKS);
  /** Permits that this process has taken and not given back. A hint only, for waits that nobody else can end. */
  #taken = 0;

  /** Makes a semaphore with that many free permits. @internal */
  static create(memory: LabMemory, initial = 1, options: PrimitiveOptions = {}): Semaphore {
    const permits = natural('the initial value of a semaphore', initial);
    return memory.objects.create(KIND.semaphore, UNOWNED_CELLS * 4, options.name, (offset) =>
      new Semaphore(memory, offset).begin(permits, MOST_PERMITS),
    );
  }

  /** @internal */
  protected begin(initial: number, most: number): this {
    this.cells.store(this.valueCell, initial);
    this.cells.store(this.base + MOST, most);
    this.cells.store(this.base + INITIAL, initial);
    return this;
  }

  /** Permits that are free at this moment. */
  get value(): number {
    return this.cells.load(this.valueCell);
  }

  /** @internal */
  override shownContents(): unknown {
    return `${this.value} free`;
  }

  /** The cell with the number of free permits: an acquire can go on when it is not 0. @internal */
  get valueCell(): number {
    return this.base + VALUE;
  }

  /**
   * Takes a permit; blocks while none is free. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_NOBODY_LEFT` when nobody is left who could release one; `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    return (
      this.tryAcquire() ||
      (!hasPassed(timeoutMs) && this.memory.waiter.block(this.#permit(timeoutMs, false), timeoutMs) === true)
    );
  }

  /** Takes a permit if one is free; never waits. */
  tryAcquire(): boolean {
    for (let value = this.value; value > 0; value = this.value) {
      if (this.cells.compareExchange(this.valueCell, value, value - 1) !== value) continue;
      this.#taken++;
      return true;
    }
    return false;
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    const { timeoutMs } = options;
    refuseNoTimeout(timeoutMs);
    return this.tryAcquire() || (await this.memory.waiter.blockAsync(this.#permit(timeoutMs, true), options)) === true;
  }

  /**
   * Gives back `count` permits and wakes as many processes that wait for one.
   * @throws IpcError `ERR_IPC_RELEASED_TOO_OFTEN` when there would be more than there may be; then none is given back
   */
  release(count = 1): void {
    natural('the number of permits to release', count, 1);
    const most = this.cells.load(this.base + MOST);
    for (;;) {
      const { value } = this;
      if (value > most - count) throw this.#tooOften(value, count, most);
      if (this.cells.compareExchange(this.valueCell, value, value + count) === value) break;
    }
    this.#taken -= count;
    this.wakeSleepers(this.valueCell, count);
  }

  /**
   * Takes a permit and returns what gives it back at the end of a block: `using _permit = semaphore.hold();`. Blocks.
   * @throws IpcError as {@link acquire}, and `ERR_IPC_TIMEOUT`
   */
  hold(timeoutMs?: number): Disposable {
    if (!this.acquire(timeoutMs)) throw this.#timedOut(timeoutMs);
    return this.#held;
  }

  /**
   * Calls `critical` with a permit, and returns what it returns. If that is a promise, the permit is kept until it settles. Blocks.
   * @throws IpcError as {@link hold}, and whatever `critical` throws
   */
  with<T>(critical: () => T, timeoutMs?: number): T {
    return during(this.hold(timeoutMs), critical);
  }

  readonly #held: Disposable = { [Symbol.dispose]: () => this.release() };

  /** Also while this process holds permits, if they can be those it was made with: then it may release one itself. @internal */
  protected override mayGoOnAlone(): boolean {
    return super.mayGoOnAlone() || (this.#taken > 0 && this.#taken <= this.cells.load(this.base + INITIAL));
  }

  /** @internal */
  protected override nobodyLeft(): IpcError {
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could release ${this.name}`, {
      hint: 'Every other process that had it has ended or waits for the same. A process that is killed takes its permits along.',
    });
  }

  #permit(timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    return this.waiting({
      verb: 'acquire',
      cell: this.valueCell,
      expected: 0,
      patience: this.#patience,
      timeoutMs,
      asynchronous,
      attempt: () => (this.tryAcquire() ? true : undefined),
    });
  }

  #tooOften(value: number, count: number, most: number): IpcError {
    return new IpcError(
      'ERR_IPC_RELEASED_TOO_OFTEN',
      `${this.name} cannot be given ${count} more: ${value} of at most ${most} permits are free`,
      { hint: 'Release a semaphore once for each time it was acquired; using semaphore.hold() does that by itself.' },
    );
  }

  #timedOut(timeoutMs: number | undefined): IpcError {
    return new IpcError('ERR_IPC_TIMEOUT', `${this.name} had no free permit within ${timeoutMs} ms`);
  }
}
