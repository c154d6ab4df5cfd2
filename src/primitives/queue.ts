/**
 * A queue between any number of processes: a {@link MessageRing} under two locks, one for each end.
 *
 * Whoever dies holding an end is succeeded by the next who wants it: nothing that was half put is ever seen, nothing half taken is lost. A
 * message is in the queue from one store on and out of it from another.
 *
 * A producer that finds no room and a consumer that finds nothing look again for some microseconds, then count themselves as sleepers and
 * sleep on the other end's counter; the other end wakes one when there are any. Progress: blocking.
 */
import { IpcError, isIpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import { HOLDER_CELLS, Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/objects.ts';
import type { AsyncWaitOptions, Condition } from '../memory/waiting.ts';
import { Lock } from './lock.ts';
import {
  discardAll,
  discardMessage,
  type Message,
  messageOf,
  type Received,
  readMessage,
  valueOf,
  writeMessage,
} from './message.ts';
import { MessageRing, RING_CELLS, UNBOUNDED } from './message-ring.ts';
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
/** About 30 µs, less than waking an idle processor takes. */
const LOOKS = 1000;

// Cells of the body, after the ring's own.
const PUT_LOCK = RING_CELLS;
const GET_LOCK = RING_CELLS + 1;
/** How many processes sleep until there is something to get; apart from what producers write all the time. */
const GETTERS = RING_CELLS + 16;
/** How many sleep until there is room. */
const PUTTERS = RING_CELLS + 32;
const HOLDERS = RING_CELLS + 48;
const BODY_CELLS = HOLDERS + HOLDER_CELLS;

/** The ring's cells begin at a cache line: the header takes a quarter of the first. */
const RING_START = 12;

type Side = 'put' | 'get';

/** A first-in-first-out queue of messages between processes: bounded, blocking, for any number of producers and consumers. */
export class Queue<T = unknown> extends Primitive {
  readonly kind = 'Queue';
  readonly #ring: MessageRing;
  readonly #holders: Holders;
  readonly #putLock: Lock;
  readonly #getLock: Lock;
  readonly #base: number;
  #peer: number | undefined;

  private constructor(memory: LabMemory, offset: number, putLock: Lock, getLock: Lock) {
    super(memory, offset);
    this.#base = bodyCell(offset) + RING_START;
    this.#ring = new MessageRing(memory.cells, this.#base);
    this.#holders = new Holders(memory.cells, this.#base + HOLDERS);
    this.#holders.add(memory.self);
    this.#putLock = putLock;
    this.#getLock = getLock;
  }

  /** Makes an empty queue. @param start where its counters begin, so that tests can begin next to their wrap. @internal */
  static create<T>(memory: LabMemory, options: QueueOptions = {}, start = 0): Queue<T> {
    const capacity =
      options.capacity === undefined ? UNBOUNDED : natural('the capacity of a queue', options.capacity, 1);
    const asked = natural(
      'the size of a queue in bytes',
      options.sizeBytes ?? DEFAULT_SIZE_BYTES,
      SMALLEST_SIZE_BYTES,
      LARGEST_SIZE_BYTES,
    );
    const sizeBytes = 2 ** Math.ceil(Math.log2(asked));
    const ring = memory.arena.allocate(sizeBytes);
    const putLock = Lock.create(memory, {
      name: options.name === undefined ? undefined : `put side of ${options.name}`,
    });
    const getLock = Lock.create(memory, {
      name: options.name === undefined ? undefined : `get side of ${options.name}`,
    });
    return memory.objects.create(KIND.queue, (RING_START + BODY_CELLS) * 4, options.name, (offset) => {
      const base = bodyCell(offset) + RING_START;
      MessageRing.initialize(memory.cells, base, ring, sizeBytes, capacity, start);
      memory.cells.store(base + PUT_LOCK, putLock[SHARED_OBJECT]);
      memory.cells.store(base + GET_LOCK, getLock[SHARED_OBJECT]);
      return new Queue<T>(memory, offset, putLock, getLock);
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): Queue {
    const base = bodyCell(offset) + RING_START;
    const part = (cell: number): Lock =>
      memory.objects.receive(memory.objects.send(memory.cells.load(base + cell))) as Lock;
    return new Queue(memory, offset, part(PUT_LOCK), part(GET_LOCK));
  }

  /** How many messages it may hold; Infinity when only its size in bytes bounds it. */
  get capacity(): number {
    return this.#ring.capacity === UNBOUNDED ? Infinity : this.#ring.capacity;
  }

  /** How many messages are in it, as of a moment ago. */
  get size(): number {
    this.#refuseClosed();
    return Math.max(0, this.#ring.count);
  }

  /**
   * Puts a message in; blocks while there is no room. A string, a number or a `Uint8Array` takes the shortest way; any other value is
   * cloned, and primitives may be anywhere in it.
   * @throws IpcError `ERR_IPC_FULL` when `timeoutMs` passed first; `ERR_IPC_NOT_CLONEABLE`; `ERR_IPC_NOBODY_LEFT`; `ERR_IPC_CLOSED`
   */
  put(value: T, timeoutMs?: number): void {
    const message = this.#prepare(value);
    const done =
      this.#tryPut(message) || this.#blocking(message, () => this.memory.waiter.block(this.#room(message), timeoutMs));
    if (done !== true) throw this.#full(message, timeoutMs);
  }

  /** Puts a message in if there is room; never waits. */
  tryPut(value: T): boolean {
    const message = this.#prepare(value);
    const done = this.#tryPut(message);
    if (!done) discardMessage(message, this.memory);
    return done;
  }

  /** As {@link put}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async putAsync(value: T, options: AsyncWaitOptions = {}): Promise<void> {
    const message = this.#prepare(value);
    if (this.#tryPut(message)) return;
    let done: true | undefined;
    try {
      done = await this.memory.waiter.blockAsync(this.#room(message), options);
    } catch (error) {
      discardMessage(message, this.memory);
      throw error;
    }
    if (done !== true) throw this.#full(message, options.timeoutMs);
  }

  /**
   * Takes the oldest message out; blocks while there is none.
   * @throws IpcError `ERR_IPC_EMPTY` when `timeoutMs` passed first; `ERR_IPC_NOBODY_LEFT`; `ERR_IPC_CLOSED`
   */
  get(timeoutMs?: number): T {
    const received = this.#tryTake() ?? this.memory.waiter.block(this.#something(), timeoutMs);
    if (received === undefined) throw this.#nothing(timeoutMs);
    return valueOf(received, this.memory) as T;
  }

  /** Takes the oldest message out if there is one, else returns undefined; never waits. */
  tryGet(): T | undefined {
    const received = this.#tryTake();
    return received === undefined ? undefined : (valueOf(received, this.memory) as T);
  }

  /** As {@link get}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async getAsync(options: AsyncWaitOptions = {}): Promise<T> {
    const received = this.#tryTake() ?? (await this.memory.waiter.blockAsync(this.#something(), options));
    if (received === undefined) throw this.#nothing(options.timeoutMs);
    return valueOf(received, this.memory) as T;
  }

  /** Whether any other living process could act on it. @internal */
  get anyoneElse(): boolean {
    return this.#anyoneElse('put');
  }

  /** From now on a wait ends when that process has: it alone is at the other end. @internal */
  dependOn(slot: number): void {
    this.#peer = slot;
  }

  override close(): void {
    if (this.closed) return;
    this.#holders.remove(this.memory.self);
    super.close();
    this.#putLock.close();
    this.#getLock.close();
  }

  protected override freeParts(): void {
    discardAll(this.#ring, this.memory);
    this.memory.arena.free(this.#ring.byteOffset);
  }

  #prepare(value: T): Message {
    this.#refuseClosed();
    return messageOf(value, this.memory, this.#ring.largestRecordBytes - 64, 'the message');
  }

  #blocking<R>(message: Message, wait: () => R): R {
    try {
      return wait();
    } catch (error) {
      discardMessage(message, this.memory);
      throw error;
    }
  }

  #tryPut(message: Message): boolean {
    const { memory } = this;
    this.#enter('put');
    const at = this.#ring.reserve(message.kind, message.length, message.number);
    if (at !== undefined) {
      writeMessage(message, memory, at);
      this.#ring.commit();
    }
    this.#putLock.release();
    if (at === undefined) return false;
    if (memory.cells.load(this.#base + GETTERS) > 0) memory.waiter.wake(this.#ring.tailCell, 1);
    return true;
  }

  #tryTake(): Received | undefined {
    const { memory } = this;
    this.#refuseClosed();
    if (this.#ring.empty) return undefined;
    this.#enter('get');
    const record = this.#ring.peek();
    let received: Received | undefined;
    if (record !== undefined) {
      received = readMessage(record, memory);
      this.#ring.take();
    }
    this.#getLock.release();
    if (record !== undefined && memory.cells.load(this.#base + PUTTERS) > 0) memory.waiter.wake(this.#ring.headCell, 1);
    return received;
  }

  /** Takes the lock of one side, from the dead if need be. */
  #enter(side: Side): void {
    const lock = side === 'put' ? this.#putLock : this.#getLock;
    for (;;) {
      try {
        lock.acquire();
        return;
      } catch (error) {
        if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
        if (!lock.takeOver()) continue;
        if (side === 'put') this.#ring.settlePut();
        else this.#ring.settleGet();
        return;
      }
    }
  }

  #room(message: Message): Condition<true> {
    const condition = this.#condition<true>('put', this.#ring.headCell, PUTTERS);
    condition.attempt = () => {
      condition.expected = this.cells.load(condition.cell);
      return this.#tryPut(message) ? true : undefined;
    };
    return condition;
  }

  #something(): Condition<Received> {
    const condition = this.#condition<Received>('get', this.#ring.tailCell, GETTERS);
    condition.attempt = () => {
      condition.expected = this.cells.load(condition.cell);
      return this.#tryTake();
    };
    return condition;
  }

  #condition<R>(verb: Side, cell: number, sleepers: number): Condition<R> {
    const { cells } = this;
    return {
      verb,
      target: this[SHARED_OBJECT],
      cell,
      expected: 0,
      looks: LOOKS,
      attempt: () => undefined,
      enter: () => cells.add(this.#base + sleepers, 1),
      leave: () => cells.add(this.#base + sleepers, -1),
      check: () => this.#checkAnyoneLeft(verb),
    };
  }

  #checkAnyoneLeft(verb: Side): void {
    if (this.#anyoneElse(verb)) return;
    // Whoever ended may have acted just before.
    if (verb === 'get' && !this.#ring.empty) return;
    throw new IpcError(
      'ERR_IPC_NOBODY_LEFT',
      `nobody is left who could ${verb === 'get' ? 'put anything into' : 'take anything out of'} ${this.name}`,
      { hint: 'Every other process that had the queue has ended or waits for the same.' },
    );
  }

  #anyoneElse(verb: Side): boolean {
    const { slots, objects, self } = this.memory;
    if (this.#peer !== undefined) return slots.isAlive(this.#peer);
    const me = this[SHARED_OBJECT];
    const waitsToo = (id: number): boolean => {
      const waiting = slots.waiting(id);
      return waiting !== undefined && waiting.target === me && waiting.verb === verb;
    };
    // A reference under way in a message may still reach somebody.
    return objects.references(me) > this.#holders.count() || this.#holders.anyoneElse(self, slots, waitsToo);
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
