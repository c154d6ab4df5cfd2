/**
 * The engine of queues: a {@link MessageRing} under two locks, one for each end, with counts of who sleeps and a note of who holds it.
 *
 * ```
 * cell  0 ring          its RING_CELLS cells (message-ring.ts)
 *      48 put lock      reference to a Lock
 *      49 get lock      reference to a Lock
 *      64 getters       how many processes sleep until there is something to get; apart from what producers write all the time
 *      80 putters       how many sleep until there is room
 *      96 holders       a byte per slot (holders.ts)
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
import { Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/objects.ts';
import { Patience } from '../memory/patience.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import type { Condition } from '../memory/waiting.ts';
import { GET_LOCK, GETTERS, HOLDERS, PUT_LOCK, PUTTERS } from './channel-cells.ts';
import { inLine, Line, type Place, type Putting } from './line.ts';
import { Lock } from './lock.ts';
import { discardAll, type Message, type Received, readMessage, writeMessage } from './message.ts';
import { MessageRing } from './message-ring.ts';

/** About 30 µs, less than waking an idle processor takes. */
const LOOKS = 1000;

export type Side = 'put' | 'get';

export class Channel {
  readonly ring: MessageRing;
  readonly #memory: LabMemory;
  readonly #base: number;
  /** The object that the channel belongs to, and how people call it. */
  readonly #target: number;
  readonly #label: () => string;
  readonly #putLock: Lock;
  readonly #getLock: Lock;
  readonly #holders: Holders;
  readonly #patience: Readonly<Record<Side, Patience>> = { put: new Patience(LOOKS), get: new Patience(LOOKS) };
  readonly #putLine = new Line<Putting>();
  readonly #getLine = new Line<Condition<Received> & Place>();
  /** How many waits of this process the channel counts among its sleepers, by side. */
  readonly #sleeping = { put: 0, get: 0 };
  #left = false;
  #peer: number | undefined;

  /**
   * A process's view of a channel.
   * @param baseCell first of its CHANNEL_CELLS cells, initialized by {@link initialize}; at the start of a cache line
   * @param target byte offset of the object that it belongs to
   * @param label how people call that object
   */
  constructor(memory: LabMemory, baseCell: number, target: number, label: () => string) {
    const part = (cell: number): Lock =>
      memory.objects.receive(memory.objects.send(memory.cells.load(baseCell + cell) >>> 0)) as Lock;
    this.#memory = memory;
    this.#base = baseCell;
    this.#target = target;
    this.#label = label;
    this.ring = new MessageRing(memory.cells, baseCell);
    this.#putLock = part(PUT_LOCK);
    this.#getLock = part(GET_LOCK);
    this.#holders = new Holders(memory.cells, baseCell + HOLDERS);
    if (this.#holders.add(memory.self)) this.#giveBack();
  }

  /** Makes the parts of an empty channel. @param start where its counters begin, so that tests can begin next to their wrap */
  static initialize(
    memory: LabMemory,
    baseCell: number,
    sizeBytes: number,
    capacity: number,
    name: string | undefined,
    start = 0,
  ): void {
    const { cells, arena, objects } = memory;
    const lock = (side: Side): Lock =>
      Lock.create(memory, { name: name === undefined ? undefined : `${side} side of ${name}` });
    MessageRing.initialize(cells, baseCell, arena.allocate(sizeBytes), sizeBytes, capacity, start);
    // The channel holds a reference to both itself, so that they live while it is under way and nobody has a handle.
    cells.store(baseCell + PUT_LOCK, objects.send(lock('put')[SHARED_OBJECT]));
    cells.store(baseCell + GET_LOCK, objects.send(lock('get')[SHARED_OBJECT]));
  }

  /** From now on a wait ends when that process has: it alone is at the other end. */
  dependOn(slot: number): void {
    this.#peer = slot;
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
    this.#enter('put');
    const at = this.ring.reserve(message.kind, message.length, message.number);
    if (at !== undefined) {
      writeMessage(message, this.#memory, at);
      this.ring.commit();
    }
    this.#putLock.release();
    if (at === undefined) return false;
    if (cells.load(this.#base + GETTERS) > 0) waiter.wake(this.ring.tailCell, 1);
    return true;
  }

  /** Copies the oldest message out if there is one. */
  tryTake(): Received | undefined {
    const { cells, waiter } = this.#memory;
    if (this.ring.empty) return undefined;
    this.#enter('get');
    const record = this.ring.peek();
    let received: Received | undefined;
    if (record !== undefined) {
      received = readMessage(record, this.#memory);
      this.ring.take();
    }
    this.#getLock.release();
    if (record !== undefined && cells.load(this.#base + PUTTERS) > 0) waiter.wake(this.ring.headCell, 1);
    return received;
  }

  /** The wait until a message has been put in. With a timeout it is the timeout that ends it, whoever is left. */
  room(message: Message, timeoutMs: number | undefined): Condition<true> {
    return this.#condition('put', timeoutMs, () => (this.tryPut(message) ? true : undefined));
  }

  /** As {@link room}, in the line of this process's asynchronous waits. */
  roomInLine(message: Message, timeoutMs: number | undefined): Putting {
    const attempt = (): true | undefined => {
      if (!putting.done && this.#putLine.first === putting) this.#advance();
      return putting.done ? true : undefined;
    };
    const state = { message, left: false, done: false };
    const putting: Putting = Object.assign(this.#condition('put', timeoutMs, attempt), state);
    return inLine(this.#putLine, putting);
  }

  /** The wait until a message has been taken out. */
  something(timeoutMs: number | undefined): Condition<Received> {
    return this.#condition('get', timeoutMs, () => this.tryTake());
  }

  /** As {@link something}, in the line of this process's asynchronous waits. */
  somethingInLine(timeoutMs: number | undefined): Condition<Received> {
    const attempt = (): Received | undefined => (this.#getLine.first === getting ? this.tryTake() : undefined);
    const getting: Condition<Received> & Place = Object.assign(this.#condition('get', timeoutMs, attempt), {
      left: false,
    });
    return inLine(this.#getLine, getting);
  }

  /** Whether asynchronous waits of this process stand in line for the next message. */
  get othersWait(): boolean {
    return this.#getLine.first !== undefined;
  }

  /** Whether any other living process could end a wait at that side. */
  anyoneElse(side: Side, thorough = true): boolean {
    const { slots, objects, self } = this.#memory;
    if (this.#peer !== undefined) return slots.isAlive(this.#peer, thorough);
    const waitsToo = (id: number): boolean => {
      const waiting = slots.waiting(id);
      return waiting !== undefined && waiting.target === this.#target && waiting.verb === side;
    };
    // A reference under way in a message may still reach somebody.
    return (
      objects.references(this.#target) > this.#holders.count() ||
      this.#holders.anyoneElse(self, slots, waitsToo, thorough)
    );
  }

  /** This process uses it no longer. */
  leave(): void {
    const { cells, bells, self } = this.#memory;
    this.#left = true;
    // Its memory may soon be another object's: nothing of ours may come back to it.
    cells.add(this.#base + PUTTERS, -this.#sleeping.put);
    cells.add(this.#base + GETTERS, -this.#sleeping.get);
    if (this.#putLine.first !== undefined || this.#getLine.first !== undefined) bells.ring(self);
    this.#holders.remove(this.#memory.self);
    this.#putLock.close();
    this.#getLock.close();
  }

  /** Gives back what a process held that has ended, which nobody else does. False: it has not ended. */
  forsake(slot: number): boolean {
    if (this.#memory.slots.state(slot) !== SLOT_STATE.ended) return false;
    if (this.#holders.remove(slot)) this.#giveBack();
    return true;
  }

  /** Gives back the references of a process that was marked as a holder and can no longer do it itself. */
  #giveBack(): void {
    this.#dropLocks();
    this.#memory.objects.drop(this.#target);
  }

  /** Frees what it is made of: nobody uses it any longer. */
  free(): void {
    discardAll(this.ring, this.#memory);
    this.#memory.arena.free(this.ring.byteOffset);
    this.#dropLocks();
  }

  #dropLocks(): void {
    const { cells, objects } = this.#memory;
    for (const cell of [PUT_LOCK, GET_LOCK]) objects.drop(cells.load(this.#base + cell) >>> 0);
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
        if (side === 'put') this.ring.settlePut();
        else this.ring.settleGet();
        return;
      }
    }
  }

  #condition<R>(verb: Side, timeoutMs: number | undefined, attempt: () => R | undefined): Condition<R> {
    const { cells } = this.#memory;
    const cell = verb === 'put' ? this.ring.headCell : this.ring.tailCell;
    const sleepers = this.#base + (verb === 'put' ? PUTTERS : GETTERS);
    const count = (by: 1 | -1): void => {
      if (this.#left) return;
      this.#sleeping[verb] += by;
      cells.add(sleepers, by);
    };
    const condition: Condition<R> = {
      verb,
      target: this.#target,
      cell,
      expected: 0,
      patience: this.#patience[verb],
      attempt: () => {
        if (this.#left) throw new IpcError('ERR_IPC_CLOSED', `${this.#label()} was closed while it was waited for`);
        // Read before the attempt: a change in between must not be slept through.
        condition.expected = cells.load(cell);
        return attempt();
      },
      enter: () => count(1),
      leave: () => count(-1),
      check: (thorough) => {
        if (timeoutMs === undefined || this.#peer !== undefined) this.#checkAnyoneLeft(verb, thorough);
      },
    };
    return condition;
  }

  #checkAnyoneLeft(verb: Side, thorough: boolean): void {
    if (this.anyoneElse(verb, thorough)) return;
    // Whoever ended may have acted just before.
    if (verb === 'get' && !this.ring.empty) return;
    const act = verb === 'get' ? 'put anything into' : 'take anything out of';
    throw new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could ${act} ${this.#label()}`, {
      hint: 'Every other process that had it has ended or waits for the same.',
    });
  }
}
