/**
 * A readers-writer lock: many readers or one writer, and writers go first.
 *
 * ```
 * body cell 1 turns   counts changes of who holds it
 *           …         guard, holders, who waits or holds it (guarded.ts)
 * ```
 *
 * Who waits for it and who holds it are entries of one list, in the phases `waiting` (to read), `reading`, `waitingToWrite` and `writing`. Every
 * step from one to another is one store on one entry, so there is no count that a killed process could leave wrong: an entry of a dead
 * reader, or of one that waited, counts for nothing. One of a dead writer stays until somebody takes it over.
 *
 * Whoever releases hands the lock on: to the writer that has waited longest; only when no writer waits to all readers that do. A reader that
 * comes while a writer waits waits behind it. So readers can be kept out for as long as writers keep coming. Progress: blocking.
 */
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { during } from './during.ts';
import { Guarded } from './guarded.ts';
import { ownerDied } from './holdable.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { LOOKS } from './unowned.ts';
import { PHASE, phaseOf } from './wait-list.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const TURNS = 1;

/** One of the two ways to hold it: how its entries stand while they wait, and while they hold it. */
interface Side {
  readonly verb: 'read' | 'write';
  readonly waits: number;
  readonly holds: number;
}
const READ: Side = { verb: 'read', waits: PHASE.waiting, holds: PHASE.reading };
const WRITE: Side = { verb: 'write', waits: PHASE.waitingToWrite, holds: PHASE.writing };

/**
 * A lock that many processes may hold to read, or one to write; whoever waits to write goes before whoever comes to read. Not recursive: who reads
 * and wants to write must release first.
 */
export class RwLock extends Guarded {
  readonly kind = 'RwLock';
  readonly #patience = new Patience(LOOKS);

  /** @internal */
  static create(memory: LabMemory, options: PrimitiveOptions = {}): RwLock {
    return Guarded.make(memory, KIND.rwLock, options, (offset) => new RwLock(memory, offset));
  }

  /** Name of the process that holds it to write, alive or not; undefined when none does. */
  get writer(): string | undefined {
    this.#refuseClosed();
    const [entry] = this.list.inPhase(PHASE.writing);
    return entry === undefined ? undefined : this.memory.slots.name(this.list.ownerOf(entry));
  }

  /** How many living processes hold it to read; one that does so twice counts twice. */
  get readers(): number {
    this.#refuseClosed();
    return this.list.living(PHASE.reading).length;
  }

  /** @internal */
  override shownContents(): unknown {
    return this.writer === undefined ? `${this.readers} reading` : `held by ${this.writer}`;
  }

  /** The cell that changes whenever somebody gets or releases it. @internal */
  get turnsCell(): number {
    return this.base + TURNS;
  }

  /** Whether one that comes now would get it at once. @internal */
  couldTake(verb: 'read' | 'write'): boolean {
    return this.#isFree(verb === 'read' ? READ : WRITE);
  }

  /**
   * Acquires it to read; blocks while another writes or waits to write. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_OWNER_DIED` when a writer died; `ERR_IPC_NOBODY_LEFT`; `ERR_IPC_CLOSED`
   */
  acquireRead(timeoutMs?: number): boolean {
    return this.#acquire(READ, timeoutMs);
  }

  /** Acquires it to write; blocks while others hold it. Else as {@link acquireRead}. */
  acquireWrite(timeoutMs?: number): boolean {
    return this.#acquire(WRITE, timeoutMs);
  }

  /** Acquires it to read if that takes no waiting. */
  tryAcquireRead(): boolean {
    return this.#tryTake(READ);
  }

  /** Acquires it to write if that takes no waiting. */
  tryAcquireWrite(): boolean {
    return this.#tryTake(WRITE);
  }

  /** As {@link acquireRead}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireReadAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    return this.#acquireAsync(READ, options);
  }

  /** As {@link acquireWrite}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireWriteAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    return this.#acquireAsync(WRITE, options);
  }

  /** Ends one reading of this process. @throws IpcError `ERR_IPC_NOT_OWNER` when it does not read */
  releaseRead(): void {
    this.#release(READ);
  }

  /** Ends the writing of this process. @throws IpcError `ERR_IPC_NOT_OWNER` when it does not write */
  releaseWrite(): void {
    this.#release(WRITE);
  }

  /** Acquires it to read and returns what releases it at the end of a block. Blocks. @throws IpcError also `ERR_IPC_TIMEOUT` */
  holdRead(timeoutMs?: number): Disposable {
    return this.#hold(READ, timeoutMs);
  }

  /** Acquires it to write and returns what releases it at the end of a block. Blocks. @throws IpcError also `ERR_IPC_TIMEOUT` */
  holdWrite(timeoutMs?: number): Disposable {
    return this.#hold(WRITE, timeoutMs);
  }

  /** Calls `critical` while it is held to read; if that returns a promise, until it settles. Blocks. @throws IpcError as {@link holdRead} */
  withRead<T>(critical: () => T, timeoutMs?: number): T {
    return during(this.holdRead(timeoutMs), critical);
  }

  /** Calls `critical` while it is held to write; if that returns a promise, until it settles. Blocks. @throws IpcError as {@link holdWrite} */
  withWrite<T>(critical: () => T, timeoutMs?: number): T {
    return during(this.holdWrite(timeoutMs), critical);
  }

  /**
   * Takes it away from a process that died while it wrote. True: this process holds it to write now, and what it protects may be half
   * written. False: nobody died writing, or another was faster.
   */
  takeOver(): boolean {
    return this.guarded(() => {
      const dead = this.list.dead(PHASE.writing, true);
      if (dead === undefined) return false;
      this.cells.store(dead, this.list.stateIn(PHASE.writing));
      return true;
    });
  }

  /** Hands it on, which whoever died was about to do. @internal */
  protected override mend(): void {
    this.#handOn();
  }

  /** Also while this process holds it: then it may release it itself. @internal */
  protected override mayGoOnAlone(): boolean {
    return super.mayGoOnAlone() || this.list.mayGoOn(this.memory.self);
  }

  /** @internal */
  protected override nobodyLeft(): IpcError {
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could release ${this.name}`, {
      hint: 'Who holds it waits for it, or is this process itself: release it before you acquire it in another way.',
    });
  }

  #acquire(side: Side, timeoutMs: number | undefined): boolean {
    refuseNoTimeout(timeoutMs);
    if (hasPassed(timeoutMs)) return this.#tryTake(side);
    const { entry, held } = this.enter(side.verb);
    if (held) return true;
    try {
      if (this.memory.waiter.block(this.#turn(entry, side, timeoutMs, false), timeoutMs) === true) return true;
    } catch (error) {
      this.#giveUp(entry, side, true);
      throw error;
    }
    return this.#giveUp(entry, side, false);
  }

  async #acquireAsync(side: Side, options: AsyncWaitOptions): Promise<boolean> {
    refuseNoOptions(options);
    const { entry, held } = this.enter(side.verb);
    if (held) return true;
    try {
      if ((await this.memory.waiter.blockAsync(this.#turn(entry, side, options.timeoutMs, true), options)) === true)
        return true;
    } catch (error) {
      if (!this.closed) this.#giveUp(entry, side, true);
      throw error;
    }
    return this.#giveUp(entry, side, false);
  }

  /** First part of an acquisition: takes it, or enters the list of those who wait and are given it. @internal */
  enter(verb: 'read' | 'write'): { readonly entry: number; readonly held: boolean } {
    const side = verb === 'read' ? READ : WRITE;
    return this.guarded(() => {
      const held = this.#isFree(side);
      const entry = this.list.enrol(held ? side.holds : side.waits);
      if (held) this.cells.add(this.turnsCell, 1);
      return { entry, held };
    });
  }

  #tryTake(side: Side): boolean {
    return this.guarded(() => {
      if (!this.#isFree(side)) return false;
      this.list.enrol(side.holds);
      this.cells.add(this.turnsCell, 1);
      return true;
    });
  }

  /** Whether one that comes now need not wait. Writers count as long as they have not been taken over, readers as long as they live. */
  #isFree(side: Side): boolean {
    const { list } = this;
    if (list.inPhase(PHASE.writing).length > 0) return false;
    const before = side === READ ? PHASE.waitingToWrite : PHASE.reading;
    return list.living(before).length === 0;
  }

  #release(side: Side): void {
    this.guarded(() => {
      const mine = this.list.inPhase(side.holds).find((entry) => this.list.ownerOf(entry) === this.memory.self);
      if (mine === undefined) {
        throw new IpcError(
          'ERR_IPC_NOT_OWNER',
          `${this.name} cannot be released by a process that does not ${side.verb}`,
        );
      }
      this.list.leave(mine);
      this.cells.add(this.turnsCell, 1);
      this.#handOn();
    });
  }

  /** Gives it to whose turn it is. Only with the guard held. */
  #handOn(): void {
    const { list } = this;
    if (list.inPhase(PHASE.writing).length > 0) return;
    const writers = list.living(PHASE.waitingToWrite);
    if (writers.length === 0) for (const reader of list.living(PHASE.waiting)) list.end(reader, PHASE.reading);
    else if (list.living(PHASE.reading).length === 0) writers.some((writer) => list.end(writer, PHASE.writing));
    this.cells.add(this.turnsCell, 1);
  }

  /** Leaves the list; others may have waited only because of this one. True: it had been given to this one, which keeps it unless told not to. */
  #giveUp(entry: number, side: Side, anyway: boolean): boolean {
    return this.guarded(() => {
      const got = phaseOf(this.cells.load(entry)) === side.holds;
      if (got && !anyway) return true;
      this.list.leave(entry);
      this.#handOn();
      return false;
    });
  }

  #turn(entry: number, side: Side, timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    const wait = this.waiting<true>({
      verb: side.verb,
      cell: entry,
      expected: this.list.stateIn(side.waits),
      patience: this.#patience,
      timeoutMs,
      asynchronous,
      attempt: () => (phaseOf(this.cells.load(entry)) === side.holds ? true : undefined),
      check: (thorough) => this.#lookForTheDead(thorough),
    });
    return Object.assign(wait, {
      enter: () => void (wait.expected = this.list.fallAsleep(entry, side.waits)),
      leave() {},
    });
  }

  #lookForTheDead(thorough: boolean): void {
    const { list } = this;
    const writer = list.dead(PHASE.writing, thorough);
    if (writer !== undefined) throw ownerDied(this.name, this.memory.slots.name(list.ownerOf(writer)));
    const other =
      list.dead(PHASE.reading, thorough) ?? list.dead(PHASE.waitingToWrite, thorough) ?? this.guardDied(thorough);
    if (other !== false) this.guarded(() => this.#handOn());
  }

  #hold(side: Side, timeoutMs: number | undefined): Disposable {
    if (this.#acquire(side, timeoutMs)) return { [Symbol.dispose]: () => this.#release(side) };
    const holder = this.writer === undefined ? `${this.readers} others read` : `${this.writer} writes`;
    throw new IpcError('ERR_IPC_TIMEOUT', `${this.name} could not be acquired within ${timeoutMs} ms: ${holder}`);
  }

  #refuseClosed(): void {
    if (this.closed) this.cells.load(0);
  }
}
