import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Barrier } from '../primitives/barrier.ts';
import type { BarrierOptions } from '../primitives/barrier-options.ts';
import { BoundedSemaphore } from '../primitives/bounded-semaphore.ts';
import { Condition } from '../primitives/condition.ts';
import { Event } from '../primitives/event.ts';
import { Connection, type PipeOptions } from '../primitives/connection.ts';
import { DirectoryLock } from '../primitives/directory-lock.ts';
import { FileLock } from '../primitives/file-lock.ts';
import { JoinableQueue } from '../primitives/joinable-queue.ts';
import { LifoQueue } from '../primitives/lifo-queue.ts';
import { Lock } from '../primitives/lock.ts';
import { MappedFile, type MappedFileOptions } from '../primitives/mapped-file.ts';
import { OsPipe } from '../primitives/os-pipe.ts';
import type { ConditionOptions } from '../primitives/monitor.ts';
import { Primitive, type PrimitiveOptions } from '../primitives/primitive.ts';
import type { OrderedQueueOptions } from '../primitives/ordered-store.ts';
import { PriorityQueue } from '../primitives/priority-queue.ts';
import { Queue, type QueueOptions } from '../primitives/queue.ts';
import { RawArray } from '../primitives/raw-array.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { RLock } from '../primitives/rlock.ts';
import type { Shareable } from '../primitives/shareable.ts';
import { ShareableList } from '../primitives/shareable-list.ts';
import { RwLock } from '../primitives/rw-lock.ts';
import { Semaphore } from '../primitives/semaphore.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedMemory, type SharedMemoryOptions } from '../primitives/shared-memory.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { SpinLock } from '../primitives/spin-lock.ts';
import { type Struct, StructHandle, type StructOptions } from '../primitives/struct.ts';
import type { FieldsOf, StructSpec } from '../primitives/struct-layout.ts';
import { TicketLock } from '../primitives/ticket-lock.ts';
import { SimpleQueue } from '../primitives/simple-queue.ts';
import type { ElementOf, TypeCode } from '../primitives/type-code.ts';

/**
 * The half of a lab that makes what is shared: one method for each primitive. All throw `ERR_IPC_CLOSED` once the lab is closed,
 * `ERR_IPC_INVALID_ARGUMENT` for options that are no object, and `ERR_IPC_OUT_OF_MEMORY`.
 */
export abstract class Maker {
  /** The memory in which things are made. @throws IpcError `ERR_IPC_CLOSED` @internal */
  protected abstract open(): LabMemory;
  /** Remembers a primitive until the lab closes. @internal */
  protected abstract own<T extends Primitive>(primitive: T): T;

  /** Makes a mutual-exclusion lock. */
  lock(options?: PrimitiveOptions): Lock {
    return this.own(Lock.create(this.#open(options), options));
  }

  /** Makes a recursive lock. */
  rlock(options?: PrimitiveOptions): RLock {
    return this.own(RLock.create(this.#open(options), options));
  }

  /** Makes a semaphore with `initial` free permits. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is not a natural number */
  semaphore(initial?: number, options?: PrimitiveOptions): Semaphore {
    return this.own(Semaphore.create(this.#open(options), initial, options));
  }

  /** Makes a semaphore that never has more than its `initial` permits free: one release too many is an error. */
  boundedSemaphore(initial?: number, options?: PrimitiveOptions): BoundedSemaphore {
    return this.own(BoundedSemaphore.create(this.#open(options), initial, options));
  }

  /** Makes a condition, with a lock of its own or with one that is there. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is no lock */
  condition(options?: ConditionOptions): Condition {
    return this.own(Condition.create(this.#open(options), options));
  }

  /** Makes a barrier for so many parties. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for fewer than one */
  barrier(parties: number, options?: BarrierOptions): Barrier {
    return this.own(Barrier.create(this.#open(options), parties, options));
  }

  /** Makes a lock that many readers or one writer can hold; writers go first. */
  rwlock(options?: PrimitiveOptions): RwLock {
    return this.own(RwLock.create(this.#open(options), options));
  }

  /** Makes an event, clear at first. */
  event(options?: PrimitiveOptions): Event {
    return this.own(Event.create(this.#open(options), options));
  }

  /** Makes a lock that nobody sleeps on, to compare with. */
  spinLock(options?: PrimitiveOptions): SpinLock {
    return this.own(SpinLock.create(this.#open(options), options));
  }

  /** Makes a fair lock, to compare with. */
  ticketLock(options?: PrimitiveOptions): TicketLock {
    return this.own(TicketLock.create(this.#open(options), options));
  }

  /**
   * Makes a lock that the kernel keeps with a file, also against other labs and other programs that use flock: with the file at a path, which
   * is made if it is not there, or else with one in no folder.
   * @throws IpcError `ERR_IPC_FILE`
   */
  fileLock(path?: string, options?: PrimitiveOptions): FileLock {
    return this.own(FileLock.create(this.#open(options), path, options));
  }

  /**
   * Makes a lock that is a directory at a path, which is there while somebody holds it, also against other labs and whatever else makes it with
   * mkdir; without a path it is at one of its own, in memory where the system has a folder for that. The path of a directory that is there already is held.
   * @throws IpcError `ERR_IPC_FILE_NOT_FOUND` when there is no folder to make it in, `ERR_IPC_FILE` when a file is there
   */
  directoryLock(path?: string, options?: PrimitiveOptions): DirectoryLock {
    return this.own(DirectoryLock.create(this.#open(options), path, options));
  }

  /** Makes a queue of messages. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for a capacity that is not a natural number */
  queue<T = unknown>(options?: QueueOptions): Queue<T> {
    return this.own(Queue.create<T>(this.#open(options), options));
  }

  /** Makes a queue that counts what is done, and whose messages one can wait for to be done with. @throws IpcError as {@link queue} */
  joinableQueue<T = unknown>(options?: QueueOptions): JoinableQueue<T> {
    return this.own(JoinableQueue.create<T>(this.#open(options), options));
  }

  /** Makes a queue as small as Python's: `put` waits for a reader once 64 KiB are in it. */
  simpleQueue<T = unknown>(options?: PrimitiveOptions): SimpleQueue<T> {
    return this.own(SimpleQueue.create<T>(this.#open(options), options));
  }

  /** Makes a queue whose last message comes out first. @throws IpcError as {@link queue} */
  lifoQueue<T = unknown>(options?: OrderedQueueOptions): LifoQueue<T> {
    return this.own(LifoQueue.create<T>(this.#open(options), options));
  }

  /** Makes a queue of pairs `[priority, value]`: the smallest priority comes out first, of equal ones the oldest. @throws IpcError as {@link queue} */
  priorityQueue<T = unknown>(options?: OrderedQueueOptions): PriorityQueue<T> {
    return this.own(PriorityQueue.create<T>(this.#open(options), options));
  }

  /**
   * Makes a pipe: what one end sends, the other receives. Give one end to another process and close it here: then each learns of the other's end.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for a capacity that is not a natural number
   */
  pipe<T = unknown>(options?: PipeOptions): [Connection<T>, Connection<T>] {
    const [first, second] = Connection.createPipe<T>(this.#open(options), options);
    return [this.own(first), this.own(second)];
  }

  /**
   * Makes a pipe of the operating system: the end that reads, and the end that writes. Give one to another process and close it here: then each
   * learns of the other's end.
   * @throws IpcError `ERR_IPC_FILE` when too many files are open
   */
  osPipe(options?: PrimitiveOptions): [OsPipe, OsPipe] {
    const [reader, writer] = OsPipe.createPipe(this.#open(options), options);
    return [this.own(reader), this.own(writer)];
  }

  /** Makes one number in shared memory without a lock; 0 unless `initial` says otherwise. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for a type code that does not exist */
  rawValue<C extends TypeCode>(code: C, initial?: ElementOf<C>, options?: PrimitiveOptions): RawValue<C> {
    return this.own(RawValue.create(this.#open(options), code, initial, options));
  }

  /**
   * Makes an array in shared memory without a lock, of zeroes (given a length) or of the given elements.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for a type code that does not exist, elements of another type, and a length that is no natural number
   */
  rawArray<C extends TypeCode>(
    code: C,
    elements: number | Iterable<ElementOf<C>>,
    options?: PrimitiveOptions,
  ): RawArray<C> {
    return this.own(RawArray.create(this.#open(options), code, elements, options));
  }

  /**
   * Makes one number in shared memory with a recursive lock around each access; 0 unless `initial` says otherwise.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_RANGE` for what the type code cannot hold
   */
  sharedValue<C extends TypeCode>(code: C, initial?: ElementOf<C>, options?: PrimitiveOptions): SharedValue<C> {
    return this.own(SharedValue.create(this.#open(options), code, initial, options));
  }

  /**
   * Makes an array in shared memory with a recursive lock around each access, of zeroes (given a length) or of the given elements.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_RANGE` for what the type code cannot hold
   */
  sharedArray<C extends TypeCode>(
    code: C,
    elements: number | Iterable<ElementOf<C>>,
    options?: PrimitiveOptions,
  ): SharedArray<C> {
    return this.own(SharedArray.create(this.#open(options), code, elements, options));
  }

  /**
   * Makes several named fields in shared memory, as in `lab.struct({ x: 'd', y: 'd', id: 'i' }, { id: 7 })`, with a recursive lock around each
   * access, or another, or none. Fields that `initial` leaves out are 0.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for names and type codes that cannot be
   */
  struct<const S extends StructSpec>(fields: S, initial?: Partial<FieldsOf<S>>, options?: StructOptions): Struct<S> {
    return this.own(StructHandle.create(this.#open(options), fields, initial, options));
  }

  /**
   * Makes a list of mixed values in shared memory, without a lock: each slot with as much room as its value needs, and a little more.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_RANGE` for what a slot cannot hold
   */
  shareableList(values: Iterable<Shareable>, options?: PrimitiveOptions): ShareableList {
    return this.own(ShareableList.create(this.#open(options), values, options));
  }

  /**
   * Makes a block of shared memory that others of the same user find by its name, with `{ create: true, sizeBytes }`; or finds one by its `name`.
   * @throws IpcError `ERR_IPC_NAME_EXISTS`, `ERR_IPC_NAME_NOT_FOUND`, `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_MEMORY`
   */
  sharedMemory(options?: SharedMemoryOptions): SharedMemory {
    return this.own(SharedMemory.create(this.#open(options), options));
  }

  /**
   * Maps a file into memory: one that is there, or with `create: true` a new one of `sizeBytes`. A child that gets it opens the same path.
   * @throws IpcError `ERR_IPC_FILE_NOT_FOUND`, `ERR_IPC_FILE_EMPTY`, `ERR_IPC_FILE_EXISTS`, `ERR_IPC_FILE` for all else that is wrong with it
   */
  mappedFile(path: string, options?: MappedFileOptions): MappedFile {
    return this.own(MappedFile.create(this.#open(options), path, options));
  }

  /** Makes a mapped file of zeroes that is in no folder, and vanishes with its last user. It can be handed on while it is open here. */
  temporaryFile(sizeBytes: number, options?: PrimitiveOptions): MappedFile {
    return this.own(MappedFile.createTemporary(this.#open(options), sizeBytes, options));
  }

  /** The memory in which something with such options is made. @throws IpcError `ERR_IPC_CLOSED`, `ERR_IPC_INVALID_ARGUMENT` */
  #open(options: unknown): LabMemory {
    if (options === undefined) return this.open();
    if (typeof options === 'object' && options !== null && !(options instanceof Primitive)) {
      const { name } = options as PrimitiveOptions;
      if (name === undefined || typeof name === 'string') return this.open();
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a name is a text, not ${shown(name)}`);
    }
    const given = options instanceof Primitive ? options.name : shown(options);
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `options are given as an object, not as ${given}`, {
      hint: 'As in lab.lock({ name }), lab.queue({ capacity }), lab.condition({ lock }).',
    });
  }
}
