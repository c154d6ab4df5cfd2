/**
 * What is guarded by a lock of its own that nobody else sees, and has a list of who waits.
 *
 * ```
 * body cell   0 lock   reference to an RLock
 *             1 …      the primitive's own
 *             8 …      sleepers and holders (unowned.ts)
 *           268 …      who waits (wait-list.ts)
 * ```
 */
import { isIpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { bodyCell, type PrimitiveOptions } from './primitive.ts';
import { RLock } from './rlock.ts';
import { Unowned, UNOWNED_CELLS } from './unowned.ts';
import { freeWaitList, WAIT_LIST_CELLS, WaitList } from './wait-list.ts';

const LOCK = 0;

export abstract class Guarded extends Unowned {
  /** @internal */
  protected readonly list: WaitList;
  readonly #lock: RLock;

  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.#lock = memory.objects.hold(this.cells.load(this.base + LOCK) >>> 0) as RLock;
    this.list = new WaitList(memory, this.base + UNOWNED_CELLS, this.#lock);
  }

  /** Makes one with its guard. @internal */
  protected static make<T extends Guarded>(
    memory: LabMemory,
    kind: number,
    { name }: PrimitiveOptions,
    attach: (offset: number) => T,
  ): T {
    const guard = RLock.create(memory, { name: name === undefined ? undefined : `guard of ${name}` });
    return memory.objects.create(kind, (UNOWNED_CELLS + WAIT_LIST_CELLS) * 4, name, (offset) => {
      memory.objects.refer(bodyCell(offset) + LOCK, guard[SHARED_OBJECT]);
      return attach(offset);
    });
  }

  /** Puts right what a process has left behind that died in the middle of something. @internal */
  protected abstract mend(): void;

  /** Does something with the guard held, after {@link mend} if its last holder has died. @internal */
  protected guarded<T>(act: () => T): T {
    if (this.closed) this.cells.load(0);
    this.#enter();
    try {
      return act();
    } finally {
      this.#lock.release();
    }
  }

  /** Whether a process has died with the guard. @internal */
  protected guardDied(thorough: boolean): boolean {
    const { ownerSlot } = this.#lock;
    return ownerSlot !== 0 && !this.memory.slots.isAlive(ownerSlot, thorough);
  }

  override close(): void {
    if (this.closed) return;
    // Others may wait for what this process has now given up. Where the guard is closed, this thread is closing all that it has, because it
    // ends: what it leaves is found as that of the dead.
    if (!this.#lock.closed && this.list.withdraw()) this.guarded(() => this.mend());
    super.close();
    this.#lock.close();
  }

  /** See {@link Kind.free}. @internal */
  static free(memory: LabMemory, offset: number): void {
    freeWaitList(memory, bodyCell(offset) + UNOWNED_CELLS);
    memory.objects.unrefer(bodyCell(offset) + LOCK);
  }

  #enter(): void {
    for (;;) {
      try {
        this.#lock.acquire();
        return;
      } catch (error) {
        if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
        if (!this.#lock.takeOver()) continue;
        this.mend();
        return;
      }
    }
  }
}
