/**
 * The engine of queues and pipes: a {@link MessageRing} under two locks, one for each end, with counts of who sleeps.
 *
 * ```
 * cell  0 ring          its RING_CELLS cells (message-ring.ts)
 *      48 put lock      reference to a Lock
 *      49 get lock      reference to a Lock
 *      50 shut          1 when nothing more may be put; written under the put lock
 *      64 getters       how many processes sleep until there is something to get; apart from what producers write all the time
 *      80 putters       how many sleep until there is room
 * ```
 *
 * Whoever dies holding an end is succeeded by the next who wants it: nothing that was half put is ever seen, nothing half taken is lost. A
 * message is there from one store on and gone from another.
 *
 * A producer that finds no room and a consumer that finds nothing look again for some microseconds, then count themselves as sleepers and
 * sleep on the other end's counter; the other end wakes one when there are any. Progress: blocking.
 *
 * Asynchronous waits of one process stand in a line for each side: messages go in in the order in which they were to be put, and come out
 * for who asked first. Whatever the process puts meanwhile in another way goes in after those that wait.
 */
import { IpcError, isIpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import type { Condition } from '../memory/waiting.ts';
import { GETTERS, PUTTERS, SHUT } from './channel-cells.ts';
import { BOTH_SIDES, type Counterpart, type Demand, lockCell, type Side } from './channel-parts.ts';
import { inLine, Line, type Place, type Putting } from './line.ts';
import type { Lock } from './lock.ts';
import { commitMessage, type Message, type Received, takeMessage, writeMessage } from './message.ts';
import { MessageRing, type RecordView } from './message-ring.ts';

/** About 30 µs, less than waking an idle processor takes. */
const LOOKS = 1000;

const EVERYBODY = 2 ** 31 - 1;

export class Channel {
  readonly ring: MessageRing;
  readonly #memory: LabMemory;
  readonly #base: number;
  /** The object that the channel belongs to, and how people call it. */
  readonly #target: number;
  readonly #label: () => string;
  readonly #counterpart: Counterpart;
  readonly #locks: Readonly<Record<Side, Lock | undefined>>;
  readonly #patience: Readonly<Record<Side, Patience>> = { put: new Patience(LOOKS), get: new Patience(LOOKS) };
  readonly #putLine = new Line<Putting>();
  readonly #getLine = new Line<Condition<Received> & Place>();
  /** How many waits of this process the channel counts among its sleepers, by side. */
  readonly #sleeping = { put: 0, get: 0 };
  #left = false;

  /**
   * A process's view of a channel.
   * @param baseCell first of its CHANNEL_CELLS cells, initialized by {@link initializeChannel}; at the start of a cache line
   * @param target byte offset of the object that it belongs to
   * @param label how people call that object
   * @param sides what this process may do; it must not do anything else
   */
  constructor(
    memory: LabMemory,
    baseCell: number,
    target: number,
    label: () => string,
    counterpart: Counterpart,
    sides = BOTH_SIDES,
  ) {
    const part = (side: Side): Lock | undefined => {
      if (!sides.includes(side)) return undefined;
      return memory.objects.hold(memory.cells.load(baseCell + lockCell(side)) >>> 0) as Lock;
    };
    this.#memory = memory;
    this.#base = baseCell;
    this.#target = target;
    this.#label = label;
    this.#counterpart = counterpart;
    this.ring = new MessageRing(memory.cells, baseCell);
    this.#locks = { put: part('put'), get: part('get') };
  }

  /** Puts a message in if there is room for it and for those of this process that wait already. */
  tryPut(message: Message): boolean {
    const first = this.#putLine.first;
    if (first === undefined) return this.#putNow(message);
    const none = this.#advance();
    // Its wait learns of it when it looks again.
    if (first.done) this.#memory.bells.ring(this.#memory.self);
    return none && this.#putNow(message);
  }

  /** Puts the messages in that wait in this process. True: none is left. */
  #advance(): boolean {
    for (let first = this.#putLine.first; first !== undefined; first = this.#putLine.first) {
      if (!this.#putNow(first.message)) return false;
      first.done = true;
      first.left = true;
    }
    return true;
  }

  #putNow(message: Message): boolean {
    const { cells, waiter } = this.#memory;
    const lock = this.#enter('put');
    if (cells.load(this.#base + SHUT) === 1) {
      lock.release();
      throw this.#shutDown('put into');
    }
    const at = this.ring.reserve(message.kind, message.length, message.number);
    if (at !== undefined) {
      writeMessage(message, this.#memory, at);
      commitMessage(this.ring, message, this.#memory);
    }
    lock.release();
    if (at === undefined) return false;
    if (cells.load(this.#base + GETTERS) > 0) waiter.wake(this.ring.tailCell, 1);
    return true;
  }

  /** Copies the oldest message out if there is one. @param accept throws when that message is to stay where it is */
  tryTake(accept?: (record: RecordView) => void): Received | undefined {
    const { cells, waiter } = this.#memory;
    if (this.ring.empty) return undefined;
    const lock = this.#enter('get');
    const record = this.ring.peek();
    let received: Received | undefined;
    if (record !== undefined) {
      if (accept !== undefined) this.#ask(accept, record, lock);
      received = takeMessage(this.ring, record, this.#memory);
    }
    const putters = record !== undefined && cells.load(this.#base + PUTTERS) > 0 ? this.ring.producersToWake() : 0;
    lock.release();
    if (putters > 0) waiter.wake(this.ring.headCell, putters);
    return received;
  }

  #ask(accept: (record: RecordView) => void, record: RecordView, lock: Lock): void {
    try {
      accept(record);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Whether {@link shut} was called. */
  get isShut(): boolean {
    return this.#memory.cells.load(this.#base + SHUT) === 1;
  }

  /** What was put in just before the channel was shut, for who has found nothing. @throws IpcError `ERR_IPC_SHUT_DOWN` when there is nothing */
  lastOne(): Received | undefined {
    if (!this.isShut) return undefined;
    const last = this.tryTake();
    if (last === undefined) this.#refuseShut();
    return last;
  }

  #refuseShut(): void {
    if (this.isShut && this.ring.empty) throw this.#shutDown('taken out of');
  }

  /** From now on nothing is put in, and who waits learns of it. What is in it can still be taken. Once this returns, nothing is under way. */
  shut(): void {
    const lock = this.#enter('put');
    this.#memory.cells.store(this.#base + SHUT, 1);
    lock.release();
    this.wakeAll();
  }

  /** Makes everybody who waits at either side look again. */
  wakeAll(): void {
    this.#memory.waiter.wake(this.ring.tailCell, EVERYBODY);
    this.#memory.waiter.wake(this.ring.headCell, EVERYBODY);
  }

  /** Counts this process among those who sleep until there is something, or no longer, while it sleeps on another cell. */
  listen(by: 1 | -1): void {
    if (this.#left) return;
    this.#sleeping.get += by;
    this.#memory.cells.add(this.#base + GETTERS, by);
  }

  /** The wait until there is something to take, which it leaves there. */
  anything(timeoutMs: number | undefined): Condition<true> {
    return this.#condition({ side: 'get', timeoutMs, asynchronous: false }, () => {
      if (this.ring.empty) return undefined;
      // Whoever put it in has woken one, and this one does not take it.
      if (this.#memory.cells.load(this.#base + GETTERS) > 1) this.#memory.waiter.wake(this.ring.tailCell, EVERYBODY);
      return true;
    });
  }

  /** The wait until a message has been put in. With a timeout it is the timeout that ends it, whoever is left. */
  room(message: Message, timeoutMs: number | undefined): Condition<true> {
    const demand: Demand = { side: 'put', timeoutMs, asynchronous: false };
    return this.#condition(demand, () => (this.tryPut(message) ? true : undefined));
  }

  /** As {@link room}, in the line of this process's asynchronous waits. */
  roomInLine(message: Message, timeoutMs: number | undefined): Putting {
    const attempt = (): true | undefined => {
      if (!putting.done && this.#putLine.first === putting) this.#advance();
      return putting.done ? true : undefined;
    };
    const state = { message, left: false, done: false };
    const demand: Demand = { side: 'put', timeoutMs, asynchronous: true };
    const putting: Putting = Object.assign(this.#condition(demand, attempt), state);
    return inLine(this.#putLine, putting);
  }

  /** The wait until a message has been taken out. */
  something(timeoutMs: number | undefined, accept?: (record: RecordView) => void): Condition<Received> {
    return this.#condition({ side: 'get', timeoutMs, asynchronous: false }, () => this.tryTake(accept));
  }

  /** As {@link something}, in the line of this process's asynchronous waits. */
  somethingInLine(timeoutMs: number | undefined, accept?: (record: RecordView) => void): Condition<Received> {
    const attempt = (): Received | undefined => (this.#getLine.first === getting ? this.tryTake(accept) : undefined);
    const demand: Demand = { side: 'get', timeoutMs, asynchronous: true };
    const state = { left: false };
    const getting: Condition<Received> & Place = Object.assign(this.#condition(demand, attempt), state);
    return inLine(this.#getLine, getting);
  }

  /** Whether asynchronous waits of this process stand in line for the next message. */
  get othersWait(): boolean {
    return this.#getLine.first !== undefined;
  }

  /** This process uses it no longer. */
  leave(): void {
    const { cells, bells, self } = this.#memory;
    this.#left = true;
    // Its memory may soon be another object's: nothing of ours may come back to it.
    cells.add(this.#base + PUTTERS, -this.#sleeping.put);
    cells.add(this.#base + GETTERS, -this.#sleeping.get);
    if (this.#putLine.first !== undefined || this.#getLine.first !== undefined) bells.ring(self);
    this.#locks.put?.close();
    this.#locks.get?.close();
  }

  /** Takes the lock of one side, from the dead if need be. */
  #enter(side: Side): Lock {
    const lock = this.#locks[side];
    if (lock === undefined) throw new IpcError('ERR_IPC_INTERNAL', `this process does not ${side}`);
    for (;;) {
      try {
        lock.acquire();
        return lock;
      } catch (error) {
        if (!isIpcError(error, 'ERR_IPC_OWNER_DIED')) throw error;
        if (!lock.takeOver()) continue;
        if (side === 'put') this.ring.settlePut();
        else this.ring.settleGet();
        return lock;
      }
    }
  }

  #condition<R>(demand: Demand, attempt: () => R | undefined): Condition<R> {
    const { cells } = this.#memory;
    const { side } = demand;
    const cell = side === 'put' ? this.ring.headCell : this.ring.tailCell;
    const sleepers = this.#base + (side === 'put' ? PUTTERS : GETTERS);
    const count = (by: 1 | -1): void => {
      if (this.#left) return;
      this.#sleeping[side] += by;
      cells.add(sleepers, by);
    };
    const condition: Condition<R> = {
      verb: this.#counterpart.verbs[side],
      target: this.#target,
      cell,
      expected: 0,
      patience: this.#patience[side],
      attempt: () => {
        if (this.#left) throw new IpcError('ERR_IPC_CLOSED', `${this.#label()} was closed while it was waited for`);
        // Read before the attempt: a change in between must not be slept through.
        condition.expected = cells.load(cell);
        const result = attempt();
        if (result === undefined && side === 'get') this.#refuseShut();
        return result;
      },
      enter: () => count(1),
      leave: () => count(-1),
      check: (thorough) => this.#counterpart.check(demand, thorough),
    };
    return condition;
  }

  #shutDown(act: string): IpcError {
    return new IpcError('ERR_IPC_SHUT_DOWN', `${this.#label()} was shut down: nothing can be ${act} it any more`);
  }
}
