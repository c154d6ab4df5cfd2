/**
 * A condition variable over a Lock or an RLock.
 *
 * ```
 * body cell   0 …       its lock (monitor.ts)
 *             8 …       sleepers and holders (unowned.ts)
 *           268 …       who waits (wait-list.ts)
 * ```
 *
 * A wait is: enter the list with the lock held, release the lock, sleep on the entry until it is told, acquire the lock again, leave the list. A
 * notify tells exactly as many as it says, the longest waiting first; no wait ends for any other reason but its timeout, and none is stolen
 * by who comes later. Progress: blocking.
 */
import { IpcError, isIpcError } from '../core/errors.ts';
import { natural, shown } from '../core/natural.ts';
import { monotonicMs } from '../memory/clock.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { ownerDied } from './holdable.ts';
import { type ConditionOptions, keepLock, lockFor, Monitor } from './monitor.ts';
import { bodyCell, KIND } from './primitive.ts';
import { LOOKS, UNOWNED_CELLS } from './unowned.ts';
import { freeWaitList, PHASE, phaseOf, WAIT_LIST_CELLS, WaitList } from './wait-list.ts';
import { refuseNoTimeout } from '../memory/timeout.ts';

const LIST = UNOWNED_CELLS;
const EVERYONE = 2 ** 31 - 1;

/**
 * Where processes wait until another says that something has changed. It is used with its lock held; waiting releases the lock and, before
 * it returns, acquires it again. As Python's `multiprocessing.Condition`.
 */
export class Condition extends Monitor {
  readonly kind = 'Condition';
  readonly #list: WaitList;
  readonly #patience = new Patience(LOOKS);

  private constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.#list = new WaitList(memory, this.base + LIST, this.lock);
  }

  /** @internal */
  static create(memory: LabMemory, options: ConditionOptions = {}): Condition {
    const lock = lockFor(memory, options);
    const bytes = (UNOWNED_CELLS + WAIT_LIST_CELLS) * 4;
    return memory.objects.create(KIND.condition, bytes, options.name, (offset) => {
      keepLock(memory, offset, lock, options.lock === undefined);
      return new Condition(memory, offset);
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): Condition {
    return new Condition(memory, offset);
  }

  /** How many waits there are at this moment that a notify could end: those of living processes. */
  get waiters(): number {
    this.#refuseClosed();
    return this.#list.living(PHASE.waiting).length;
  }

  /** @internal */
  override shownContents(): unknown {
    return `${this.waiters} waiting`;
  }

  /**
   * Releases the lock, blocks until another process notifies, and acquires the lock again, as deep as it was. Returns false when `timeoutMs`
   * passed first; acquiring again has no timeout.
   * @throws IpcError `ERR_IPC_NOT_OWNER` without the lock; `ERR_IPC_NOBODY_LEFT` when nobody is left who could notify;
   * `ERR_IPC_OWNER_DIED` when a process died with the lock, which is then not held
   */
  wait(timeoutMs?: number): boolean {
    refuseNoTimeout(timeoutMs);
    this.#refuseNotOwner('waited for');
    const left = timeLeft(timeoutMs);
    const entry = this.enrol();
    const depth = this.releaseAll();
    let failure: Error | undefined;
    try {
      this.memory.waiter.block(this.#notice(entry, timeoutMs, false), timeoutMs);
    } catch (error) {
      failure = asError(error);
    }
    const told = this.settle(entry);
    this.reacquire(depth, told ? entry : undefined);
    if (told || failure === undefined) return told;
    // Another has taken the lock over from the dead meanwhile: nothing has been said to this wait.
    if (isIpcError(failure, 'ERR_IPC_OWNER_DIED')) return this.wait(left());
    throw failure;
  }

  /** As {@link wait}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED`, with the lock held */
  async waitAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    this.#refuseNotOwner('waited for');
    const left = timeLeft(options.timeoutMs);
    const entry = this.enrol();
    const depth = this.releaseAll();
    let failure: Error | undefined;
    try {
      await this.memory.waiter.blockAsync(this.#notice(entry, options.timeoutMs, true), options);
    } catch (error) {
      failure = asError(error);
    }
    this.#refuseClosed();
    const told = this.settle(entry);
    try {
      await this.lock.acquireAsync();
      this.lock.deepen(depth);
    } finally {
      if (told && !this.closed) this.#list.leave(entry);
    }
    if (told || failure === undefined) return told;
    if (isIpcError(failure, 'ERR_IPC_OWNER_DIED')) return this.waitAsync({ ...options, timeoutMs: left() });
    throw failure;
  }

  /**
   * Waits until `predicate`, which is called with the lock held, returns something true, and returns that; when `timeoutMs` passed first,
   * what it returned last.
   * @throws IpcError as {@link wait}, and whatever `predicate` throws
   */
  waitFor<T>(predicate: () => T, timeoutMs?: number): T {
    refuseNoTimeout(timeoutMs);
    refuseNoPredicate(predicate);
    this.#refuseNotOwner('waited for');
    const left = timeLeft(timeoutMs);
    for (;;) {
      const result = predicate();
      const leftMs = left();
      if (result || leftMs === 0) return result;
      this.wait(leftMs);
    }
  }

  /** As {@link waitFor}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async waitForAsync<T>(predicate: () => T, options: AsyncWaitOptions = {}): Promise<T> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    refuseNoPredicate(predicate);
    this.#refuseNotOwner('waited for');
    const left = timeLeft(options.timeoutMs);
    for (;;) {
      const result = predicate();
      const leftMs = left();
      if (result || leftMs === 0) return result;
      await this.waitAsync({ timeoutMs: leftMs, signal: options.signal });
    }
  }

  /**
   * Ends the `count` longest waits; fewer when fewer wait. They go on when this process has released the lock.
   * @throws IpcError `ERR_IPC_NOT_OWNER` without the lock
   */
  notify(count = 1): void {
    natural('the number of waits to end', count);
    this.#refuseNotOwner('notified');
    this.#list.tell(count);
  }

  /** Ends all waits. @throws IpcError as {@link notify} */
  notifyAll(): void {
    this.notify(EVERYONE);
  }

  /** First part of a wait: enters the list, with the lock held. @internal */
  enrol(): number {
    return this.#list.enrol();
  }

  /** Second part: releases the lock whole; returns how deep it was held. @internal */
  releaseAll(): number {
    return this.lock.releaseAll();
  }

  /** Third part: the cell to wait for, until {@link isTold}. @internal */
  entryCell(entry: number): number {
    return entry;
  }

  /** Whether the value of an entry's cell means that the wait has been notified. @internal */
  isTold(value: number): boolean {
    return phaseOf(value) === PHASE.told;
  }

  /** Fourth part: leaves the list, unless it was notified; tells whether it was. @internal */
  settle(entry: number): boolean {
    return this.#list.giveUp(entry) === PHASE.told;
  }

  /**
   * Last part: acquires the lock again, as deep as it was, and leaves the list if it was notified. Not sooner: of one that is killed while it
   * waits for the lock, another is to inherit what it was told.
   * @internal
   */
  reacquire(depth: number, notified: number | undefined): void {
    try {
      this.lock.acquire();
      this.lock.deepen(depth);
    } finally {
      if (notified !== undefined) this.#list.leave(notified);
    }
  }

  override close(): void {
    if (this.closed) return;
    this.#list.withdraw();
    super.close();
  }

  /** See {@link Kind.free}. @internal */
  static override free(memory: LabMemory, offset: number): void {
    freeWaitList(memory, bodyCell(offset) + LIST);
    Monitor.free(memory, offset);
  }

  /** Not while it has been notified and only has not gone on yet. @internal */
  protected override isStuck(id: number): boolean {
    return super.isStuck(id) && !this.#list.mayGoOn(id);
  }

  /** @internal */
  protected override nobodyLeft(): IpcError {
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could notify ${this.name}`, {
      hint: 'Every other process that had it has ended or waits for the same.',
    });
  }

  #notice(entry: number, timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    const wait = this.waiting<true>({
      verb: 'wait',
      cell: entry,
      expected: this.#list.stateIn(PHASE.waiting),
      patience: this.#patience,
      timeoutMs,
      asynchronous,
      attempt: () => (this.isTold(this.cells.load(entry)) ? true : undefined),
      check: (thorough) => this.#lookForTheDead(thorough),
    });
    return Object.assign(wait, { enter: () => void (wait.expected = this.#list.fallAsleep(entry)), leave() {} });
  }

  /** While the lock is held by the dead nobody can notify; acquiring it again then says so. */
  #lookForTheDead(thorough: boolean): void {
    this.#list.handOn();
    const { ownerSlot, name, owner } = this.lock;
    if (ownerSlot !== 0 && !this.memory.slots.isAlive(ownerSlot, thorough)) throw ownerDied(name, `${owner}`);
  }

  #refuseClosed(): void {
    if (this.closed) this.cells.load(0);
  }

  #refuseNotOwner(what: string): void {
    this.#refuseClosed();
    if (this.lock.isMine) return;
    throw new IpcError(
      'ERR_IPC_NOT_OWNER',
      `${this.name} can be ${what} only with its lock held, and ${this.lock.owner ?? 'nobody'} holds it`,
      { hint: 'Acquire it first: condition.with(() => condition.wait())' },
    );
  }
}

/** Returns what tells how much of a timeout is left. */
function refuseNoPredicate(predicate: unknown): void {
  if (typeof predicate === 'function') return;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `waitFor takes a function to ask, not ${shown(predicate)}`, {
    hint: 'As in condition.waitFor(() => counter.value > 0).',
  });
}

function timeLeft(timeoutMs: number | undefined): () => number | undefined {
  if (timeoutMs === undefined) return () => undefined;
  const deadline = monotonicMs() + timeoutMs;
  return () => Math.max(0, deadline - monotonicMs());
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
