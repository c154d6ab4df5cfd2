/**
 * The lock that ships: one 32-bit word, futex-style sleeping, an owner that others can see, and no way to be left locked by the dead.
 *
 * ```
 * word = 0                    free
 *      = owner << 1           held, nobody sleeps
 *      = owner << 1 | WAITERS held, somebody may sleep: whoever releases must wake one
 * ```
 *
 * - Acquiring an uncontended lock is one compare-and-exchange, releasing it one exchange; no system call.
 * - Contended, a process first looks again a few times, with a load before it tries to exchange; then it sets
 *   WAITERS and sleeps. Whoever took the slow path acquires *with* WAITERS set, because others may sleep still: the variant that
 *   acquires without it passes every test with two processes and loses a wake-up with three.
 * - A sleeper checks every 100 ms that the owner is alive. If not, its wait ends with `ERR_IPC_OWNER_DIED` and the lock stays as it was, so
 *   that nobody walks into data that may be half written, until somebody says `takeOver()` (as EOWNERDEAD and pthread_mutex_consistent).
 * - No fairness: back-off favours whoever just had the lock. A released lock goes to whoever takes it first.
 *
 * Progress: blocking. Sources: Ulrich Drepper, "Futexes Are Tricky" (2011), mutex 2, with the owner in the word as in the kernel's robust
 * futexes (robust-futexes.rst); pthread_mutexattr_setrobust(3).
 */
import { IpcError } from '../core/errors.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import type { Cells } from '../memory/cells.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { Holdable } from './holdable.ts';
import { bodyCell } from './primitive.ts';
import { hasPassed, refuseNoTimeout } from '../memory/timeout.ts';

const FREE = 0;
const WAITERS = 1;
/**
 * How often a process looks before it sleeps, and how many turns lie between. Each look takes the word's cache line away from the holder, who
 * needs it to release: doubling from 32 turns, two processes that fight do half as much together as with a first look after 15 ns and the
 * others 1 to 2 µs apart. All looks together take about 25 µs, in the order of what waking an idle processor costs.
 */
const LOOKS = 16;
const FIRST_LOOK_TURNS = 64;
const LOOK_TURNS = 4096;

/** What {@link Lock}, {@link RLock} and {@link SpinLock} have in common: the word and how it is fought for. */
export abstract class OwnedLock extends Holdable {
  /** @internal */
  protected readonly wordCell: number;
  /** This process as it stands in the word. @internal */
  protected readonly mine: number;
  readonly #looks: number;
  #random: number;

  constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.wordCell = bodyCell(offset);
    this.mine = memory.self << 1;
    this.#looks = memory.mayLook ? LOOKS : 0;
    this.#random = memory.self;
  }

  get owner(): string | undefined {
    const word = this.cells.load(this.wordCell);
    return word === FREE ? undefined : this.memory.slots.name(word >>> 1);
  }

  /** Slot id of the process that holds it; 0 when it is free. @internal */
  get ownerSlot(): number {
    return this.cells.load(this.wordCell) >>> 1;
  }

  /** Whether this process holds it. @internal */
  get isMine(): boolean {
    return (this.cells.load(this.wordCell) & ~WAITERS) === this.mine;
  }

  get locked(): boolean {
    return this.cells.load(this.wordCell) !== FREE;
  }

  /**
   * Acquires the lock; blocks while another holds it. Returns false when `timeoutMs` passed first; with 0 it does not wait.
   * @throws IpcError `ERR_IPC_OWNER_DIED`, `ERR_IPC_CLOSED`
   */
  acquire(timeoutMs?: number): boolean {
    if (timeoutMs !== undefined) refuseNoTimeout(timeoutMs);
    return this.tryAcquire() || this.takeSlowly(timeoutMs);
  }

  /** Acquires the lock if it is free; never waits. */
  tryAcquire(): boolean {
    return this.tryTake();
  }

  /** As {@link acquire}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async acquireAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    return this.tryAcquire() || this.takeLater(options);
  }

  /** Releases the lock, whoever acquired it, and wakes one process that waits for it. @throws IpcError `ERR_IPC_RELEASED_TOO_OFTEN` when it is free. */
  release(): void {
    if (this.give()) return;
    throw new IpcError('ERR_IPC_RELEASED_TOO_OFTEN', `${this.name} was released, but nobody holds it`, {
      hint: 'Release a lock once for each time it was acquired; using lock.hold() does that by itself.',
    });
  }

  /** Frees it, however deep this process holds it; returns how deep that was. @internal */
  releaseAll(): number {
    this.release();
    return 1;
  }

  /** Makes it, just acquired once, as deep as that. @internal */
  deepen(_depth: number): void {}

  /**
   * Wakes one who sleeps on a cell and will want this lock: at once, or, where nobody but this process can release what it holds, when it has.
   * @internal
   */
  wakeInTurn(cell: number): void {
    this.memory.waiter.wake(cell, 1);
  }

  /**
   * Takes the lock away from a process that died holding it. True: this process holds it now and what it protects may be half
   * written. False: nobody died holding it (or another was faster), so acquire it as usual.
   */
  takeOver(): boolean {
    for (;;) {
      const word = this.cells.load(this.wordCell);
      if (word === FREE || this.memory.slots.isAlive(word >>> 1)) return false;
      // Others may sleep on it still.
      if (this.cells.compareExchange(this.wordCell, word, this.mine | WAITERS) === word) return true;
    }
  }

  /** One try, no waiting. @internal */
  protected tryTake(): boolean {
    return this.cells.compareExchange(this.wordCell, FREE, this.mine) === FREE;
  }

  /** Backs off, then sleeps until the word is ours. @internal */
  protected takeSlowly(timeoutMs: number | undefined): boolean {
    if (hasPassed(timeoutMs)) return false;
    for (let look = 0; look < this.#looks; look++) {
      const turns = look === 0 ? FIRST_LOOK_TURNS : this.#lookTurns();
      if (this.cells.backOff(this.wordCell, turns) === FREE && this.tryAcquire()) return true;
    }
    return this.memory.waiter.block(this.#condition(), timeoutMs) === true;
  }

  /** As {@link takeSlowly}, without blocking. @internal */
  protected async takeLater(options: AsyncWaitOptions): Promise<boolean> {
    refuseNoTimeout(options.timeoutMs);
    return (await this.memory.waiter.blockAsync(this.#condition(), options)) === true;
  }

  /** Called in the instant in which a wait makes the word ours: who waits asynchronously hears of it later. @internal */
  protected taken(): void {}

  /** Takes once more what this process holds already, if that is allowed. @internal */
  protected takeAgain(): boolean {
    return false;
  }

  /** Frees the word and wakes one who sleeps. False: it was free already, and nothing has changed. @internal */
  protected give(): boolean {
    const word = this.cells.exchange(this.wordCell, FREE);
    if ((word & WAITERS) !== 0) this.memory.waiter.wake(this.wordCell, 1);
    return word !== FREE;
  }

  /** By chance, or else the looks keep step with a holder that repeats itself, and find the lock held every time. */
  #lookTurns(): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
    return LOOK_TURNS + ((this.#random >>> 16) & (LOOK_TURNS - 1));
  }

  #condition(): Condition<true> {
    const { wordCell, mine, memory } = this;
    // Asked for each time: once the lock is closed its word may belong to another object, and those that stand in for its cells say so.
    const cellsNow = (): Cells => this.cells;
    const taken = (): void => this.taken();
    const takeAgain = (): boolean => this.takeAgain();
    const died = (word: number): IpcError => this.ownerDied(memory.slots.name(word >>> 1));
    return {
      verb: 'acquire',
      target: this[SHARED_OBJECT],
      cell: wordCell,
      expected: FREE,
      attempt() {
        const cells = cellsNow();
        for (;;) {
          const word = cells.load(wordCell);
          if (word === FREE) {
            if (cells.compareExchange(wordCell, FREE, mine | WAITERS) !== FREE) continue;
            taken();
            return true;
          } else if (takeAgain()) {
            return true;
          } else {
            this.expected = word | WAITERS;
            if ((word & WAITERS) !== 0 || cells.compareExchange(wordCell, word, word | WAITERS) === word)
              return undefined;
          }
        }
      },
      check(thorough) {
        const cells = cellsNow();
        const word = cells.load(wordCell);
        if (word !== FREE && !memory.slots.isAlive(word >>> 1, thorough) && cells.load(wordCell) === word)
          throw died(word);
      },
    };
  }
}
