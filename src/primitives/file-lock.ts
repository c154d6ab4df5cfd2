/**
 * An advisory lock that the kernel keeps with a file, by flock: also against other labs and other programs that ask for it. For comparison; {@link Lock}
 * is the one to use between processes of one lab.
 *
 * ```
 * cell 0  owner     slot id << 1 of who holds it through this object; 0 when nobody does, or somebody outside
 *      1  place     blob with the path and the identity of the file
 * ```
 *
 * - Each process opens the file for itself, since the lock belongs to what was opened: two that were opened apart conflict, also within one process.
 * - Acquiring and releasing are system calls, contended or not.
 * - The kernel frees it when its owner ends, however. So there is no `ERR_IPC_OWNER_DIED`, and nobody hears that data may be half written.
 * - The kernel tells nobody who polls that it was released, and a wait in the kernel would be deaf to everything else. So who waits tries again every
 *   few milliseconds, and at once when the owner released it through this object.
 * - If the file is removed or replaced, who opens it later locks another file.
 *
 * Progress: blocking, not fair. Source: flock(2).
 */
import { closeSync, fstatSync } from 'node:fs';
import path from 'node:path';
import { IpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import { Holdable } from './holdable.ts';
import { bodyCell, KIND, type PrimitiveOptions } from './primitive.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const OWNER = 0;
const PLACE = 1;
const FREE = 0;
const POLL_MS = 5;

/** A lock between all programs that lock the same file. Not recursive; only its owner may release it. */
export class FileLock extends Holdable {
  readonly kind = 'FileLock';
  /** Where the file is. */
  readonly path: string;
  readonly #descriptor: number;
  readonly #ownerCell: number;
  readonly #mine: number;

  private constructor(memory: LabMemory, offset: number, file: string, descriptor: number) {
    super(memory, offset);
    this.path = file;
    this.#descriptor = descriptor;
    this.#ownerCell = bodyCell(offset) + OWNER;
    this.#mine = memory.self << 1;
  }

  /** Opens a file, or one in no folder. @internal */
  static create(memory: LabMemory, file?: string, { name }: PrimitiveOptions = {}): FileLock {
    const { files } = memory.platform;
    const opened =
      file === undefined
        ? files.openTemporaryToLock()
        : { path: checkedPath(file), descriptor: files.openToLock(checkedPath(file)) };
    const place = new TextEncoder().encode(JSON.stringify([opened.path, identityOf(opened.descriptor)]));
    try {
      return memory.objects.create(KIND.fileLock, 8, name, (offset) => {
        memory.objects.allocateBlob(bodyCell(offset) + PLACE, place);
        return new FileLock(memory, offset, opened.path, opened.descriptor);
      });
    } catch (error) {
      closeSync(opened.descriptor);
      throw error;
    }
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): FileLock {
    const place = new TextDecoder().decode(readBlob(memory.cells, memory.cells.load(bodyCell(offset) + PLACE) >>> 0));
    const [file, identity] = JSON.parse(place) as [string, string];
    const descriptor = memory.platform.files.openToLock(file);
    if (identityOf(descriptor) === identity) return new FileLock(memory, offset, file, descriptor);
    closeSync(descriptor);
    throw new IpcError('ERR_IPC_FILE_NOT_FOUND', `${file} is another file than the one that was to be locked`, {
      hint: 'It was removed or replaced meanwhile. Keep a file that is used for locking in its place.',
    });
  }

  /** The cell that is 0 when nobody of this lab holds it. @internal */
  get wordCell(): number {
    return this.#ownerCell;
  }

  get owner(): string | undefined {
    const id = this.cells.load(this.#ownerCell) >>> 1;
    return id === 0 || !this.memory.slots.isAlive(id) ? undefined : this.memory.slots.name(id);
  }

  /** Whether a process of this lab holds it through this object. */
  get locked(): boolean {
    return this.owner !== undefined;
  }

  /**
   * Acquires the lock; blocks while anybody, of this lab or not, holds it. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_FILE` where files cannot be locked, `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    return (
      this.tryAcquire() || (!hasPassed(timeoutMs) && this.memory.waiter.block(this.#condition(), timeoutMs) === true)
    );
  }

  /** Acquires the lock if it is free; never waits. */
  tryAcquire(): boolean {
    // The kernel would say yes to who has it already.
    if (this.cells.load(this.#ownerCell) === this.#mine) return false;
    if (!this.memory.platform.files.tryLock(this.#descriptor)) return false;
    this.cells.store(this.#ownerCell, this.#mine);
    return true;
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    return this.tryAcquire() || (await this.memory.waiter.blockAsync(this.#condition(), options)) === true;
  }

  /** Releases the lock. @throws IpcError `ERR_IPC_NOT_OWNER` when this process does not hold it */
  release(): void {
    if (this.cells.load(this.#ownerCell) !== this.#mine) throw this.notOwner();
    // Before the kernel gives it to another, who says that it is the owner.
    this.cells.store(this.#ownerCell, FREE);
    this.memory.platform.files.unlock(this.#descriptor);
    this.memory.waiter.wake(this.#ownerCell, 1);
  }

  /** Ends this process's use of it; releases it, as the kernel does when its file is closed. */
  override close(): void {
    if (this.closed) return;
    this.cells.compareExchange(this.#ownerCell, this.#mine, FREE);
    super.close();
    closeSync(this.#descriptor);
  }

  #condition(): Condition<true> {
    const condition: Condition<true> = {
      verb: 'acquire',
      target: this[SHARED_OBJECT],
      cell: this.#ownerCell,
      expected: FREE,
      pollMs: POLL_MS,
      attempt: () => {
        condition.expected = this.cells.load(this.#ownerCell);
        return this.tryAcquire() ? true : undefined;
      },
      // The kernel frees it when its owner ends.
      check: () => {},
    };
    return condition;
  }
}

function identityOf(descriptor: number): string {
  const { dev, ino } = fstatSync(descriptor);
  return `${dev}:${ino}`;
}

/** The path from the root on: other processes may have other current folders. */
function checkedPath(file: string): string {
  if (typeof file === 'string' && file !== '' && !file.includes('\0')) return path.resolve(file);
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${JSON.stringify(file)} is no path of a file`);
}
