/**
 * A fair lock: who comes first is served first. For comparison; {@link Lock} is the one to use.
 *
 * ```
 * cell  0 next      the ticket that the next who comes gets
 *       1 serving   the ticket whose turn it is. next = serving: the lock is free
 *       2 sleepers  how many sleep until `serving` changes
 *      16 …         who has which ticket: ticket t in place t mod PLACES, as `lap of t << 25 | ENTERED << 24 | slot id`; slot id 0: over
 * ```
 *
 * - A ticket is taken by an exchange in its place: with it the place says whose it is, so there is no instant in which a ticket belongs to a process
 *   that nobody knows. Only then `next` goes up; who finds the place taken and `next` not yet up raises it, in case the taker was killed in between.
 * - A ticket is over when its place says slot id 0, or belongs to a ticket of a later lap. Whoever ends a ticket marks its place first and raises
 *   `serving` second; whoever finds a ticket served that is over raises it, too. So a kill in between stops nobody.
 * - A place is free for the ticket of the next lap as soon as its ticket is over. The lap has 7 bits: a process that is stopped between its load of
 *   `next` and its exchange for whole 128 laps gets the place all the same, but for a later ticket; which one, `next` tells it. Tickets are compared by
 *   their difference, so that they may wrap.
 * - SYNC POINT entered: whoever's turn it is marks its place before it goes in. So one that died waiting is told from one that died inside. The
 *   first is passed over. For the second, who waits gets `ERR_IPC_OWNER_DIED` until somebody says `takeOver()`, as with a Lock.
 * - Fairness costs: the lock goes to one certain process, and must wait until that one runs. With more processes than processors each hand-over
 *   is a wake-up, where a Lock is taken by somebody who is awake.
 *
 * Progress: blocking; first come, first served. Source: Mellor-Crummey and Scott (1991), 2.2; taking over and giving up are ours.
 */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import { Holdable } from './holdable.ts';
import { bodyCell, KIND, type PrimitiveOptions } from './primitive.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const NEXT = 0;
const SERVING = 1;
const SLEEPERS = 2;
const FIRST_PLACE = 16;
const PLACES_BITS = 10;
const PLACES = 1 << PLACES_BITS;
const LAP_SHIFT = 25;
const LAP_MASK = 127;
/** Of a ticket that may be late by laps, 17 bits are right: those of its place and of its lap. */
const UNUSED_BITS = 32 - 17;
const ENTERED = 1 << 24;
const ID_MASK = ENTERED - 1;
const EVERYBODY = 2 ** 31 - 1;
/** About 30 µs, less than waking an idle processor takes. */
const LOOKS = 1000;

/** A fair lock between processes. Not recursive; only its owner may release it. */
export class TicketLock extends Holdable {
  readonly kind = 'TicketLock';
  /** @internal */
  protected readonly base: number;
  readonly #patience = new Patience(LOOKS);

  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.base = bodyCell(offset);
  }

  /** Makes a free lock. @param firstTicket where tickets begin, so that tests can begin next to their wrap @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}, firstTicket = PLACES): TicketLock {
    return memory.objects.create(KIND.ticketLock, (FIRST_PLACE + PLACES) * 4, options.name, (offset) => {
      TicketLock.initialize(memory, offset, firstTicket);
      return new TicketLock(memory, offset);
    });
  }

  /** Makes it free. @internal */
  static initialize({ cells }: LabMemory, offset: number, firstTicket: number): void {
    const base = bodyCell(offset);
    cells.store(base + NEXT, firstTicket);
    cells.store(base + SERVING, firstTicket);
    cells.store(base + SLEEPERS, 0);
    // As if each place had had a ticket, the last before this one, and it had been given up.
    for (let back = 1; back <= PLACES; back++) {
      const ticket = (firstTicket - back) | 0;
      cells.store(placeOf(base, ticket), lapBits(ticket));
    }
  }

  /** The cells that are the same when it is free: for who must know without acquiring. @internal */
  get freeCells(): { readonly nextCell: number; readonly servingCell: number } {
    return { nextCell: this.base + NEXT, servingCell: this.base + SERVING };
  }

  get locked(): boolean {
    return this.cells.load(this.base + SERVING) !== this.cells.load(this.base + NEXT);
  }

  get owner(): string | undefined {
    this.cells.load(this.base);
    const id = TicketLock.ownerAt(this.memory, this[SHARED_OBJECT]);
    return id === 0 ? undefined : this.memory.slots.name(id);
  }

  /** Slot id of whoever's turn it is, in the lock at that offset; 0 when it is free. @internal */
  static ownerAt({ cells }: LabMemory, offset: number): number {
    const base = bodyCell(offset);
    const serving = cells.load(base + SERVING);
    const place = cells.load(placeOf(base, serving));
    return stateOf(place, serving) === 'free' ? 0 : place & ID_MASK;
  }

  /**
   * Acquires the lock; blocks until all who came before have released it. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_OWNER_DIED`, `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    if (this.tryAcquire()) return true;
    if (hasPassed(timeoutMs)) return false;
    const turn = this.turn();
    try {
      return this.memory.waiter.block(turn, timeoutMs) === true;
    } finally {
      turn.giveUp();
    }
  }

  /** Acquires the lock if it is free and nobody waits; never waits. */
  tryAcquire(): boolean {
    for (;;) {
      const serving = this.cells.load(this.base + SERVING);
      if (this.cells.load(this.base + NEXT) === serving) {
        const ticket = this.takeTicket(serving);
        if (ticket === undefined) continue;
        if (this.cells.load(this.base + SERVING) === ticket) return this.#enter(ticket);
        this.#end(ticket);
      } else if (!this.#passOver(serving, false)) {
        return false;
      }
    }
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    refuseNoTimeout(options.timeoutMs);
    if (this.tryAcquire()) return true;
    const turn = this.turn();
    try {
      return (await this.memory.waiter.blockAsync(turn, options)) === true;
    } finally {
      turn.giveUp();
    }
  }

  /** Releases the lock and hands it to who came next. @throws IpcError `ERR_IPC_NOT_OWNER` when this process does not hold it. */
  release(): void {
    const serving = this.cells.load(this.base + SERVING);
    if (this.cells.load(placeOf(this.base, serving)) !== (lapBits(serving) | ENTERED | this.memory.self))
      throw this.notOwner();
    this.#end(serving);
  }

  /** As {@link OwnedLock.takeOver}: takes the lock away from a process that died holding it. False: nobody did, or another was faster. */
  takeOver(): boolean {
    const { cells, memory } = this;
    const serving = cells.load(this.base + SERVING);
    const cell = placeOf(this.base, serving);
    const place = cells.load(cell);
    if (stateOf(place, serving) !== 'inside' || memory.slots.isAlive(place & ID_MASK)) return false;
    return cells.compareExchange(cell, place, lapBits(serving) | ENTERED | memory.self) === place;
  }

  /** Takes a ticket: the next one, unless others were faster. Undefined: it was taken, or its place is not free. @internal */
  protected takeTicket(next: number): number | undefined {
    const { cells, base } = this;
    const cell = placeOf(base, next);
    const free = lapBits((next - PLACES) | 0);
    if (cells.compareExchange(cell, free, lapBits(next) | this.memory.self) !== free) {
      // By one who may have been killed before it could say so.
      if (stateOf(cells.load(cell), next) !== 'free') cells.compareExchange(base + NEXT, next, (next + 1) | 0);
      return undefined;
    }
    const found = cells.compareExchange(base + NEXT, next, (next + 1) | 0);
    // Whoever comes late by whole laps has a ticket near what is the next one now.
    return (found + (((next - found) << UNUSED_BITS) >> UNUSED_BITS)) | 0;
  }

  #enter(ticket: number): true {
    // SYNC POINT entered
    this.cells.store(placeOf(this.base, ticket), lapBits(ticket) | ENTERED | this.memory.self);
    return true;
  }

  /** Ends a ticket of this process's own, whether its turn has come or not. */
  #end(ticket: number): void {
    // Mark first, look second: who hands on does it the other way round, so one of the two sees it.
    this.cells.store(placeOf(this.base, ticket), lapBits(ticket));
    this.#handOn(ticket);
  }

  /** Goes on from a ticket that is over, if it is its turn, and from those behind it that are over. */
  #handOn(ticket: number): void {
    const { cells, base, memory } = this;
    let now = ticket;
    do {
      if (cells.compareExchange(base + SERVING, now, (now + 1) | 0) !== now) break;
      now = (now + 1) | 0;
    } while (stateOf(cells.load(placeOf(base, now)), now) === 'over');
    if (now === ticket) return;
    if (cells.load(base + SLEEPERS) > 0) memory.waiter.wake(base + SERVING, EVERYBODY);
  }

  /** Goes on from a ticket that nobody will ever enter with: it is over, or its process has died waiting. False: somebody may. */
  #passOver(ticket: number, thorough: boolean): boolean {
    const { cells, base, memory } = this;
    const cell = placeOf(base, ticket);
    const place = cells.load(cell);
    const state = stateOf(place, ticket);
    if (state === 'free' || state === 'inside') return false;
    if (state === 'waiting') {
      if (memory.slots.isAlive(place & ID_MASK, thorough)) return false;
      cells.compareExchange(cell, place, lapBits(ticket));
      // It may not have come so far.
      cells.compareExchange(base + NEXT, ticket, (ticket + 1) | 0);
    }
    this.#handOn(ticket);
    return true;
  }

  /** A wait for one's turn; whoever it was not served for is to give up its ticket. @internal */
  turn(): Condition<true> & { giveUp(): void } {
    const { cells, base, memory } = this;
    let ticket: number | undefined;
    const condition: Condition<true> & { giveUp(): void } = {
      verb: 'acquire',
      target: this[SHARED_OBJECT],
      cell: base + SERVING,
      expected: 0,
      patience: this.#patience,
      attempt: () => {
        while (ticket === undefined) {
          const next = cells.load(base + NEXT);
          condition.expected = cells.load(base + SERVING);
          ticket = this.takeTicket(next);
          // No place: so many wait that one of them must be done first.
          if (ticket === undefined && cells.load(base + NEXT) === next) return undefined;
        }
        for (;;) {
          const serving = cells.load(base + SERVING);
          condition.expected = serving;
          if (serving === ticket) break;
          // The last look around may have been before it was the turn of one that is dead.
          if (!this.#passOver(serving, false)) return undefined;
        }
        const own = ticket;
        ticket = undefined;
        return this.#enter(own);
      },
      enter: () => void cells.add(base + SLEEPERS, 1),
      leave: () => void cells.add(base + SLEEPERS, -1),
      check: (thorough) => {
        const serving = cells.load(base + SERVING);
        if (this.#passOver(serving, thorough)) return;
        const place = cells.load(placeOf(base, serving));
        const id = place & ID_MASK;
        if (stateOf(place, serving) !== 'inside' || memory.slots.isAlive(id, thorough)) return;
        if (cells.load(base + SERVING) === serving && cells.load(placeOf(base, serving)) === place)
          throw this.ownerDied(memory.slots.name(id));
      },
      giveUp: () => {
        if (ticket !== undefined) this.#end(ticket);
      },
    };
    return condition;
  }
}

function placeOf(base: number, ticket: number): number {
  return base + FIRST_PLACE + (ticket & (PLACES - 1));
}

function lapBits(ticket: number): number {
  return (ticket >>> PLACES_BITS) << LAP_SHIFT;
}

/** How a ticket stands, from what is in its place. */
function stateOf(place: number, ticket: number): 'free' | 'waiting' | 'inside' | 'over' {
  const ahead = ((place >>> LAP_SHIFT) - (ticket >>> PLACES_BITS)) & LAP_MASK;
  if (ahead === LAP_MASK) return 'free';
  if (ahead !== 0 || (place & ID_MASK) === 0) return 'over';
  return (place & ENTERED) === 0 ? 'waiting' : 'inside';
}
