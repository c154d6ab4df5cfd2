import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import type { AsyncWaitOptions } from '../memory/waiting.ts';
import { OwnedLock, refuseNoTimeout } from './owned-lock.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';

/**
 * A mutual-exclusion lock between processes. Not recursive: a process that acquires it twice waits for itself. As Python's
 * `multiprocessing.Lock`, any process may release it, not only the one that acquired it.
 */
export class Lock extends OwnedLock {
  readonly kind = 'Lock';

  /** Makes a free lock. @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}): Lock {
    return memory.objects.create(KIND.lock, 4, options.name, (offset) => new Lock(memory, offset));
  }

  /**
   * Acquires the lock; blocks while anybody holds it. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_OWNER_DIED`, `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    return this.tryTake() || this.takeSlowly(timeoutMs);
  }

  /** Acquires the lock if it is free; never waits. */
  tryAcquire(): boolean {
    return this.tryTake();
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    return this.tryTake() || this.takeLater(options);
  }

  /** Releases the lock and wakes one process that waits for it. @throws IpcError `ERR_IPC_RELEASED_TOO_OFTEN` when it is free. */
  release(): void {
    if (this.give()) return;
    throw new IpcError('ERR_IPC_RELEASED_TOO_OFTEN', `${this.name} was released, but nobody holds it`, {
      hint: 'Release a lock once for each time it was acquired; using lock.hold() does that by itself.',
    });
  }
}
