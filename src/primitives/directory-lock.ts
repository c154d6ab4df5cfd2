/**
 * A lock that is a directory: who makes it has the lock, as in every shell script that says `mkdir lock || exit`. For comparison, and to share with
 * programs that know nothing else; {@link Lock} is the one to use between processes of one lab. How it is made, taken over and removed is
 * described in lock-directory.ts.
 *
 * ```
 * cell 0  owner   slot id << 1 of who holds it through this object; 0 when nobody does, or somebody outside
 *      1  place   entry with the path, in lock-places.ts
 * ```
 *
 * - Acquiring takes a handful of system calls and releasing as many, contended or not; on a disk they may take milliseconds.
 * - When its owner ends without releasing it the directory stays, with the owner's pid and time of start in it. The next of any lab who wants it
 *   sees that and takes it over; nobody hears that data may be half written. What is left when a lab ends is removed by its supervisor. Only if
 *   that is killed too the directory remains until somebody wants the lock.
 * - A directory made by hand has an unknown owner: it is waited for until somebody removes it.
 * - Pids mean nothing outside their machine or container: who died in another cannot be told from the living, and is waited for.
 * - Nobody is woken when a directory vanishes. So who waits looks again every few milliseconds, and at once when the owner released it through
 *   this object.
 *
 * Progress: blocking, not fair.
 */
import path from 'node:path';
import { IpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import { Holdable } from './holdable.ts';
import { checkPlace, LockDirectory, randomName } from './lock-directory.ts';
import { enterPlace, leavePlace, placeAt, placesIn } from './lock-places.ts';
import { bodyCell, KIND, type PrimitiveOptions } from './primitive.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const OWNER = 0;
const PLACE = 1;
const FREE = 0;
const POLL_MS = 5;

/** A lock between all programs that make the same directory. Not recursive; only its owner may release it. */
export class DirectoryLock extends Holdable {
  readonly kind = 'DirectoryLock';
  /** Where the directory is while somebody holds the lock. */
  readonly path: string;
  readonly #directory: LockDirectory;
  readonly #ownerCell: number;
  readonly #mine: number;
  /** By what the directory says that it is ours. */
  #entry = '';

  /** @internal */
  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.path = pathIn(memory, placeAt(memory, memory.cells.load(bodyCell(offset) + PLACE) >>> 0));
    this.#directory = new LockDirectory(memory.platform, this.path);
    this.#ownerCell = bodyCell(offset) + OWNER;
    this.#mine = memory.self << 1;
  }

  /** @internal */
  static create(memory: LabMemory, directory?: string, { name }: PrimitiveOptions = {}): DirectoryLock {
    const place = directory === undefined ? ownPath(memory) : checkedPath(directory);
    checkPlace(memory.platform, place);
    return memory.objects.create(KIND.directoryLock, 8, name, (offset) => {
      memory.cells.store(bodyCell(offset) + PLACE, enterPlace(memory, offset, new TextEncoder().encode(place)));
      return new DirectoryLock(memory, offset);
    });
  }

  /** Removes what a dead holder has left, and forgets the path. @internal */
  static free(memory: LabMemory, offset: number): void {
    const entry = memory.cells.load(bodyCell(offset) + PLACE) >>> 0;
    if (entry === 0) return;
    leavePlace(memory, offset, entry, (place) => new LockDirectory(memory.platform, pathIn(memory, place)).tidy());
  }

  /** The cell that is 0 when nobody of this lab holds it. @internal */
  get wordCell(): number {
    return this.#ownerCell;
  }

  get owner(): string | undefined {
    const id = this.cells.load(this.#ownerCell) >>> 1;
    const holder = this.#directory.holder();
    if (holder === undefined) return undefined;
    if (holder.pid === undefined) return 'somebody unknown';
    const { slots } = this.memory;
    return id !== 0 && slots.pid(id) === holder.pid ? slots.name(id) : `process ${holder.pid}`;
  }

  /** Whether the directory is there, whoever made it. */
  get locked(): boolean {
    return this.owner !== undefined;
  }

  /**
   * Acquires the lock; blocks while anybody, of this lab or not, holds it. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_FILE_NOT_FOUND` when the folder has gone, `ERR_IPC_FILE` where no directory can be made, `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    return (
      this.tryAcquire() || (!hasPassed(timeoutMs) && this.memory.waiter.block(this.#condition(), timeoutMs) === true)
    );
  }

  /** Acquires the lock if it is free, or its owner has died; never waits. */
  tryAcquire(): boolean {
    if (this.cells.load(this.#ownerCell) === this.#mine) return false;
    const entry = this.#directory.tryTake();
    if (entry === undefined) return false;
    this.#entry = entry;
    this.cells.store(this.#ownerCell, this.#mine);
    return true;
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    return this.tryAcquire() || (await this.memory.waiter.blockAsync(this.#condition(), options)) === true;
  }

  /** Releases the lock. @throws IpcError `ERR_IPC_NOT_OWNER` when this process does not hold it, or somebody has removed the directory */
  release(): void {
    if (this.cells.load(this.#ownerCell) !== this.#mine) throw this.notOwner();
    if (this.#give()) return;
    throw new IpcError(
      'ERR_IPC_NOT_OWNER',
      `${this.name} was taken away: somebody has removed or replaced ${this.path}`,
      {
        hint: 'What it protects may be half written: others may have held it at the same time.',
      },
    );
  }

  /** Ends this process's use of it; releases it if this process holds it. */
  override close(): void {
    if (this.closed) return;
    if (this.cells.load(this.#ownerCell) === this.#mine) this.#give();
    super.close();
  }

  /** False: it was no longer ours. */
  #give(): boolean {
    // Before another can have it, who says that it is the owner.
    this.cells.store(this.#ownerCell, FREE);
    const given = this.#directory.give(this.#entry);
    this.memory.waiter.wake(this.#ownerCell, 1);
    return given;
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
      // Each attempt looks whether the owner is alive.
      check: () => {},
    };
    return condition;
  }
}

/** Removes what dead processes have left of the lock directories of a lab: for who ends it. */
export function tidyDirectoryLocks(memory: LabMemory): void {
  for (const place of placesIn(memory)) new LockDirectory(memory.platform, pathIn(memory, place)).tidy();
}

function pathIn(memory: LabMemory, place: number): string {
  return new TextDecoder().decode(readBlob(memory.cells, place));
}

function ownPath(memory: LabMemory): string {
  return path.join(memory.platform.files.volatileFolder(), `ipc-lab-lock-${process.pid}-${randomName()}`);
}

/** The path from the root on: other processes may have other current folders. */
function checkedPath(directory: string): string {
  if (typeof directory === 'string' && directory !== '' && !directory.includes('\0')) return path.resolve(directory);
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${JSON.stringify(directory)} is no path of a directory`);
}
