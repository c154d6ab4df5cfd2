import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import type { AsyncWaitOptions } from '../memory/waiting.ts';
import { during } from './during.ts';
import { Lock } from './lock.ts';
import { bodyCell, type PrimitiveOptions } from './primitive.ts';
import { RLock } from './rlock.ts';
import { Unowned } from './unowned.ts';

const LOCK = 0;
const OWN = 1;

export interface ConditionOptions extends PrimitiveOptions {
  /** The lock that goes with it; without it a new RLock. Several conditions may have the same lock. */
  readonly lock?: Lock | RLock | undefined;
}

/** The lock that was given, or a new one. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is no lock of the lab */
export function lockFor(memory: LabMemory, { lock, name }: ConditionOptions): Lock | RLock {
  if (lock === undefined) return RLock.create(memory, { name: name === undefined ? undefined : `lock of ${name}` });
  if ((lock instanceof Lock || lock instanceof RLock) && memory.objects.referenceOf(lock) !== undefined) return lock;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'the lock of a condition must be an open Lock or RLock of its lab');
}

/** Writes into a new object which lock is its own. It holds a reference, so that the lock lives while the object is under way. */
export function keepLock(memory: LabMemory, offset: number, lock: Lock | RLock, own: boolean): void {
  memory.objects.refer(bodyCell(offset) + LOCK, lock[SHARED_OBJECT]);
  memory.cells.store(bodyCell(offset) + OWN, own ? 1 : 0);
}

/**
 * What has a lock and is used with it held.
 *
 * ```
 * body cell 0 lock   reference to the lock
 *           1 own    1 when the lock was made with the object, and ends with it
 * ```
 */
export abstract class Monitor extends Unowned {
  /** The lock that protects what is waited for. */
  readonly lock: Lock | RLock;

  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.lock = memory.objects.hold(this.cells.load(this.base + LOCK) >>> 0) as Lock | RLock;
  }

  /** Acquires its lock, as `Lock.acquire`. */
  acquire(timeoutMs?: number): boolean {
    return this.lock.acquire(timeoutMs);
  }

  /** Acquires its lock if that takes no waiting. */
  tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  /** As {@link acquire}, without blocking the event loop. */
  async acquireAsync(options?: AsyncWaitOptions): Promise<boolean> {
    return this.lock.acquireAsync(options);
  }

  /** Releases its lock. */
  release(): void {
    this.lock.release();
  }

  /** Takes its lock away from a process that died holding it, as `Lock.takeOver`. */
  takeOver(): boolean {
    return this.lock.takeOver();
  }

  /** Acquires its lock and returns what releases it at the end of a block, unless a wait inside has lost it to a process that died. Blocks. */
  hold(timeoutMs?: number): Disposable {
    this.lock.hold(timeoutMs);
    return this.#held;
  }

  /** Calls `critical` with its lock held, and returns what it returns. If that is a promise, the lock is held until it settles. Blocks. */
  with<T>(critical: () => T, timeoutMs?: number): T {
    return during(this.hold(timeoutMs), critical);
  }

  readonly #held: Disposable = {
    [Symbol.dispose]: () => {
      if (this.lock.isMine) this.lock.release();
    },
  };

  override close(): void {
    if (this.closed) return;
    const own = this.ownsLock;
    super.close();
    if (own) this.lock.close();
  }

  /** See {@link Kind.free}. @internal */
  static free(memory: LabMemory, offset: number): void {
    memory.objects.unrefer(bodyCell(offset) + LOCK);
  }

  /** @internal */
  protected get ownsLock(): boolean {
    return this.cells.load(this.base + OWN) === 1;
  }
}
