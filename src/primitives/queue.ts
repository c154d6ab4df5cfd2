import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { CountedWaitable } from '../memory/counted-waitable.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { type AsyncWaitOptions, refuseNoOptions } from '../memory/waiting.ts';
import { Channel } from './channel.ts';
import { CHANNEL_CELLS } from './channel-cells.ts';
import { freeChannel, initializeChannel } from './channel-parts.ts';
import { discardMessage, type Message, messageOf, type Received, valueOf } from './message.ts';
import { UNBOUNDED } from './message-ring.ts';
import { refuseNoTimeout } from '../memory/timeout.ts';
import { QUEUE_HOLDER_CELLS, QueueHolders, type QueueWait } from './queue-holders.ts';
import type { QueueLike } from './queue-like.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';

export interface QueueOptions extends PrimitiveOptions {
  /** How many messages it holds at most; without it as many as there is room for. */
  readonly capacity?: number | undefined;
  /** Bytes of its ring, rounded up to a power of two; 512 KiB unless told. A message that takes more than a quarter lies outside it. */
  readonly sizeBytes?: number | undefined;
}

const DEFAULT_SIZE_BYTES = 512 * 1024;
const SMALLEST_SIZE_BYTES = 256;
const LARGEST_SIZE_BYTES = 1024 ** 3;

/** The channel begins at a cache line; the header takes a quarter of the first, and derived classes have the rest. */
const CHANNEL = 12;
const HOLDERS = CHANNEL + CHANNEL_CELLS;
const QUEUE_CELLS = HOLDERS + QUEUE_HOLDER_CELLS;

/** A first-in-first-out queue of messages between processes: bounded, blocking, for any number of producers and consumers. */
export class Queue<T = unknown> extends Primitive implements CountedWaitable, QueueLike<T> {
  readonly kind: string = 'Queue';
  readonly #channel: Channel;
  readonly #holders: QueueHolders;

  /** @internal */
  protected constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    const label = (): string => this.name;
    this.#holders = new QueueHolders(memory, bodyCell(offset) + HOLDERS, {
      target: offset,
      label,
      isEmpty: () => this.#channel.ring.empty,
    });
    this.#channel = new Channel(memory, bodyCell(offset) + CHANNEL, offset, label, {
      verbs: { put: 'put', get: 'get' },
      check: ({ side, ...wait }, thorough) => this.#holders.check({ verb: side, ...wait }, thorough),
    });
    this.#holders.join();
  }

  /** Makes an empty queue. @param start as in {@link initializeChannel} @internal */
  static create<T>(memory: LabMemory, options: QueueOptions = {}, start = 0): Queue<T> {
    return Queue.make(memory, KIND.queue, options, start, (offset) => new Queue<T>(memory, offset));
  }

  /** Makes an empty queue of a class derived from this one. @internal */
  protected static make<Q extends Primitive>(
    memory: LabMemory,
    kind: number,
    options: QueueOptions,
    start: number,
    handle: (offset: number) => Q,
  ): Q {
    const { name, sizeBytes = DEFAULT_SIZE_BYTES } = options;
    const capacity =
      options.capacity === undefined ? UNBOUNDED : natural('the capacity of a queue', options.capacity, 1);
    const asked = natural('the size of a queue in bytes', sizeBytes, SMALLEST_SIZE_BYTES, LARGEST_SIZE_BYTES);
    const rounded = 2 ** Math.ceil(Math.log2(asked));
    return memory.objects.create(kind, QUEUE_CELLS * 4, name, (offset) => {
      initializeChannel(memory, bodyCell(offset) + CHANNEL, rounded, capacity, name, start);
      return handle(offset);
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): Queue {
    return new Queue(memory, offset);
  }

  /** See {@link Kind.forget}. @internal */
  static forget(memory: LabMemory, offset: number, id: number): void {
    QueueHolders.forget(memory, bodyCell(offset) + HOLDERS, id);
  }

  /** How many messages it may hold; Infinity when only its size in bytes bounds it. */
  get capacity(): number {
    this.#refuseClosed();
    return this.#channel.ring.capacity === UNBOUNDED ? Infinity : this.#channel.ring.capacity;
  }

  /** How many messages are in it, as of a moment ago. */
  get size(): number {
    this.#refuseClosed();
    return Math.max(0, this.#channel.ring.count);
  }

  /**
   * Puts a message in; blocks while there is no room. A string, a number or a `Uint8Array` takes the shortest way; any other value is
   * cloned, and primitives may be anywhere in it.
   * @throws IpcError `ERR_IPC_FULL` when `timeoutMs` passed first; `ERR_IPC_SHUT_DOWN`; `ERR_IPC_NOT_CLONEABLE`; `ERR_IPC_NOBODY_LEFT`;
   * `ERR_IPC_CLOSED`
   */
  put(value: T, timeoutMs?: number): void {
    refuseNoTimeout(timeoutMs);
    const message = this.#prepare(value);
    const done = this.#blocking(
      message,
      () =>
        this.#channel.tryPut(message) || this.memory.waiter.block(this.#channel.room(message, timeoutMs), timeoutMs),
    );
    if (done !== true) throw this.#full(message, timeoutMs);
  }

  /** Puts a message in if there is room; never waits. @throws IpcError `ERR_IPC_SHUT_DOWN`, `ERR_IPC_NOT_CLONEABLE` */
  tryPut(value: T): boolean {
    const message = this.#prepare(value);
    const done = this.#blocking(message, () => this.#channel.tryPut(message));
    if (!done) discardMessage(message, this.memory);
    return done;
  }

  /** As {@link put}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async putAsync(value: T, options: AsyncWaitOptions = {}): Promise<void> {
    refuseNoOptions(options);
    const message = this.#prepare(value);
    const putting = this.#channel.roomInLine(message, options.timeoutMs);
    try {
      if (this.#channel.tryPut(message)) return;
      await this.memory.waiter.blockAsync(putting, options);
    } catch (error) {
      // What is in is in, whatever ended the wait.
      if (putting.done) return;
      discardMessage(message, this.memory);
      throw error;
    }
    if (!putting.done) throw this.#full(message, options.timeoutMs);
  }

  /**
   * Takes the oldest message out; blocks while there is none.
   * @throws IpcError `ERR_IPC_EMPTY` when `timeoutMs` passed first; `ERR_IPC_SHUT_DOWN`; `ERR_IPC_NOBODY_LEFT`; `ERR_IPC_CLOSED`
   */
  get(timeoutMs?: number): T {
    refuseNoTimeout(timeoutMs);
    const received = this.#tryTake() ?? this.memory.waiter.block(this.#channel.something(timeoutMs), timeoutMs);
    if (received === undefined) throw this.#nothing(timeoutMs);
    return valueOf(received, this.memory) as T;
  }

  /** Takes the oldest message out if there is one, else returns undefined; never waits. @throws IpcError `ERR_IPC_SHUT_DOWN` */
  tryGet(): T | undefined {
    const received = this.#tryTake() ?? this.#channel.lastOne();
    return received === undefined ? undefined : (valueOf(received, this.memory) as T);
  }

  /** As {@link get}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async getAsync(options: AsyncWaitOptions = {}): Promise<T> {
    refuseNoOptions(options);
    const received =
      (this.#channel.othersWait ? undefined : this.#tryTake()) ??
      (await this.memory.waiter.blockAsync(this.#channel.somethingInLine(options.timeoutMs), options));
    if (received === undefined) throw this.#nothing(options.timeoutMs);
    return valueOf(received, this.memory) as T;
  }

  /**
   * Ends the queue: nothing can be put in any more. What is in it can still be taken, unless `immediate`; then who takes gets
   * `ERR_IPC_SHUT_DOWN`, also who waits already. Idempotent.
   */
  shutdown(immediate = false): void {
    this.#refuseClosed();
    this.#channel.shut();
    if (!immediate) return;
    for (let left = this.#channel.tryTake(); left !== undefined; left = this.#channel.tryTake()) {
      discardMessage(left, this.memory);
      this.discarded();
    }
  }

  /** Called for each message that {@link shutdown} has taken out. @internal */
  protected discarded(): void {}

  /** Messages ever put in, modulo 2^32. @internal */
  protected get pushed(): number {
    return this.#channel.ring.pushed;
  }

  /** Throws when nobody else is left who could finish what was put in. @internal */
  protected checkFinishers(wait: Omit<QueueWait, 'verb'>, thorough: boolean, isFinished: () => boolean): void {
    // Who finished the last of it, and now waits for more, may have done so just before.
    if (!this.#holders.isInVain('wait', wait.asynchronous, thorough) || isFinished()) return;
    this.#holders.check({ verb: 'wait', ...wait }, thorough);
  }

  /** Whether any other living process could take out what this one puts in. @internal */
  get anyoneElse(): boolean {
    return this.#holders.anyoneElse('put');
  }

  /** The cells that differ when there is something in it. @internal */
  get counterCells(): { readonly headCell: number; readonly tailCell: number } {
    return this.#channel.ring;
  }

  /** @internal */
  get waitCell(): number {
    return this.#channel.ring.tailCell;
  }

  /** @internal */
  isReady(): boolean {
    this.#refuseClosed();
    return !this.#channel.ring.empty || this.#channel.isShut;
  }

  /** @internal */
  isInVain(asynchronous: boolean): boolean {
    return !this.isReady() && this.#holders.isInVain('get', asynchronous, true);
  }

  /** @internal */
  listen(by: 1 | -1): void {
    this.#channel.listen(by);
  }

  /** As {@link QueueHolders.dependOn}. @internal */
  dependOn(slot: number): void {
    this.#holders.dependOn(slot);
  }

  /** @internal */
  override shownContents(): unknown {
    return `${this.size} messages`;
  }

  override close(): void {
    if (this.closed) return;
    this.#holders.leave();
    this.#channel.leave();
    super.close();
  }

  /** See {@link Kind.free}. @internal */
  static free(memory: LabMemory, offset: number): void {
    freeChannel(memory, bodyCell(offset) + CHANNEL);
  }

  #prepare(value: T): Message {
    this.#refuseClosed();
    return messageOf(value, this.memory, this.#channel.ring.largestRecordBytes - 64, 'the message');
  }

  #blocking<R>(message: Message, wait: () => R): R {
    try {
      return wait();
    } catch (error) {
      discardMessage(message, this.memory);
      throw error;
    }
  }

  #tryTake(): Received | undefined {
    this.#refuseClosed();
    return this.#channel.tryTake();
  }

  #refuseClosed(): void {
    if (this.closed) this.cells.load(0);
  }

  #full(message: Message, timeoutMs: number | undefined): IpcError {
    discardMessage(message, this.memory);
    return new IpcError(
      'ERR_IPC_FULL',
      `${this.name} had no room for the message within ${timeoutMs} ms: ${this.size} messages are in it`,
    );
  }

  #nothing(timeoutMs: number | undefined): IpcError {
    return new IpcError('ERR_IPC_EMPTY', `${this.name} had no message within ${timeoutMs} ms`);
  }
}
