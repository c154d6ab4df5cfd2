/**
 * A barrier: so many come, and go on together.
 *
 * ```
 * body cell 1 parties   how many make a round
 *           2 come      how many have come to this round
 *           3 round     counts rounds that have ended, whole or broken
 *           4 broken    why it is broken: an index of REASONS; 0 while it is whole
 *           5 reason    why the last round that broke did
 *           6 timeout   in milliseconds; -1 for none
 *           …           guard, holders, who waits (guarded.ts)
 * ```
 *
 * Whoever comes does so with the guard held: it enters the list and waits, or is the last and tells all in the list that the round is over. Each
 * learns from its own entry how its round ended, so one that sleeps long is not confused by the next round. Progress: blocking.
 */
import { IpcError, isIpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { Patience } from '../memory/patience.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { type BarrierOptions, type BarrierWaitOptions, checkedWait } from './barrier-options.ts';
import { Guarded } from './guarded.ts';
import { KIND } from './primitive.ts';
import { LOOKS } from './unowned.ts';
import { PHASE, phaseOf } from './wait-list.ts';
import { refuseNoTimeout } from '../memory/timeout.ts';

const PARTIES = 1;
const COME = 2;
const ROUND = 3;
const BROKEN = 4;
const REASON = 5;
const TIMEOUT = 6;
const NO_TIMEOUT = -1;
const TIMEOUT_LABEL = 'the timeout of a barrier in milliseconds';
const MOST_PARTIES = 2 ** 20;

const REASONS = [
  '',
  'a wait timed out',
  'it was aborted',
  'it was reset',
  'the action of the last to come threw',
  'a process that had come to it has ended',
  'nobody is left who could come to it',
  'a wait was given up',
] as const;
const TIMED_OUT = 1;
const ABORTED = 2;
const RESET = 3;
const ACTION_THREW = 4;
const DIED = 5;
const NOBODY_LEFT = 6;
const GIVEN_UP = 7;

/** What {@link Barrier.arrive} says. */
interface Arrival {
  /** The cell to wait for; 0 when the round is over. */
  readonly entry: number;
  readonly index: number;
}

/**
 * Where processes wait until so many have come; then all go on, and it is ready for the next round. When a round cannot be completed it breaks for
 * all, until {@link reset}. As Python's `multiprocessing.Barrier`, but that the action is given to {@link wait}: a function cannot cross
 * to another process.
 */
export class Barrier extends Guarded {
  readonly kind = 'Barrier';
  readonly #patience = new Patience(LOOKS);

  /** @internal */
  static create(memory: LabMemory, parties: number, options: BarrierOptions = {}): Barrier {
    natural('the number of parties of a barrier', parties, 1, MOST_PARTIES);
    refuseNoTimeout(options.timeoutMs);
    const { timeoutMs = Infinity } = options;
    const timeout = timeoutMs === Infinity ? NO_TIMEOUT : natural(TIMEOUT_LABEL, Math.ceil(Math.max(0, timeoutMs)));
    const barrier = Guarded.make(memory, KIND.barrier, options, (offset) => new Barrier(memory, offset));
    memory.cells.store(barrier.base + PARTIES, parties);
    memory.cells.store(barrier.base + TIMEOUT, timeout);
    return barrier;
  }

  /** How many make a round. */
  get parties(): number {
    return this.cells.load(this.base + PARTIES);
  }

  /** How many have come and wait for the rest. */
  get waiters(): number {
    return this.cells.load(this.base + COME);
  }

  /** Whether it is broken. */
  get broken(): boolean {
    return this.cells.load(this.base + BROKEN) !== 0;
  }

  /** @internal */
  override shownContents(): unknown {
    return this.broken ? 'broken' : `${this.waiters} of ${this.parties} waiting`;
  }

  /** The cell that changes whenever a round ends. @internal */
  get roundCell(): number {
    return this.base + ROUND;
  }

  /**
   * Blocks until all parties have come. Returns how many had come before this one: 0 to parties - 1, each once in a round.
   * @throws IpcError `ERR_IPC_BROKEN_BARRIER`, also when the timeout passed first; `ERR_IPC_CLOSED`; what the action throws
   */
  wait(options: number | BarrierWaitOptions = {}): number {
    const given = typeof options === 'number' ? { timeoutMs: options } : options;
    const { timeoutMs = this.#timeoutMs(), action } = checkedWait(given, this.name);
    const { entry, index } = this.arrive(action);
    if (entry === 0) return index;
    let failure: unknown;
    try {
      this.memory.waiter.block(this.#end(entry, timeoutMs, false), timeoutMs);
    } catch (error) {
      failure = error;
    }
    this.depart(entry, failure);
    return index;
  }

  /** As {@link wait}, without blocking the event loop while it waits. @throws IpcError also `ERR_IPC_ABORTED`; then it breaks for the others */
  async waitAsync(options: BarrierWaitOptions & AsyncWaitOptions = {}): Promise<number> {
    refuseNoOptions(options);
    const { timeoutMs = this.#timeoutMs(), action } = checkedWait(options, this.name);
    const { signal } = options;
    const { entry, index } = this.arrive(action);
    if (entry === 0) return index;
    let failure: unknown;
    try {
      await this.memory.waiter.blockAsync(this.#end(entry, timeoutMs, true), { timeoutMs, signal });
    } catch (error) {
      failure = error;
    }
    this.depart(entry, failure);
    return index;
  }

  /** Breaks it: all who wait, and all who come, get `ERR_IPC_BROKEN_BARRIER` until {@link reset}. */
  abort(): void {
    this.guarded(() => this.#break(ABORTED));
  }

  /** Makes it whole and empty. Who waits at this moment gets `ERR_IPC_BROKEN_BARRIER`. */
  reset(): void {
    this.guarded(() => {
      this.#break(RESET);
      this.cells.store(this.base + BROKEN, 0);
    });
  }

  /** First part of a wait: comes to the barrier; the last one also ends the round. @internal */
  arrive(action?: () => void): Arrival {
    return this.guarded(() => {
      if (this.broken) throw this.#brokenError();
      const index = this.waiters;
      if (index + 1 < this.parties) {
        const entry = this.list.enrol();
        this.cells.store(this.base + COME, index + 1);
        return { entry, index };
      }
      // Who has come and died does not go on; those who sleep may not have noticed yet.
      if (this.list.dead(PHASE.waiting, false) !== undefined) this.#break(DIED);
      if (this.broken) throw this.#brokenError();
      if (action !== undefined) this.#act(action);
      this.#endRound(PHASE.passed);
      return { entry: 0, index };
    });
  }

  /** Whether the value of an entry's cell means that its round is over. @internal */
  isOver(value: number): boolean {
    return phaseOf(value) !== PHASE.waiting;
  }

  /** A process died while it came to the barrier, in its action, or before it had told all that it is broken. @internal */
  protected override mend(): void {
    this.#break(this.cells.load(this.base + BROKEN) || DIED);
  }

  /** Not while its round is over and it only has not gone on yet. @internal */
  protected override isStuck(id: number): boolean {
    return super.isStuck(id) && !this.list.mayGoOn(id);
  }

  /** @internal */
  protected override nobodyLeft(): IpcError {
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could come to ${this.name}`);
  }

  #timeoutMs(): number | undefined {
    const timeout = this.cells.load(this.base + TIMEOUT);
    return timeout === NO_TIMEOUT ? undefined : timeout;
  }

  #act(action: () => void): void {
    const round = this.cells.load(this.roundCell);
    try {
      const result: unknown = action();
      if (result instanceof Promise)
        throw new IpcError('ERR_IPC_INVALID_ARGUMENT', 'the action of a barrier must not be asynchronous');
    } catch (error) {
      if (!this.broken) this.#break(ACTION_THREW);
      throw error;
    }
    if (this.cells.load(this.roundCell) !== round) throw this.#brokenError();
  }

  #break(reason: number): void {
    this.cells.store(this.base + REASON, reason);
    this.cells.store(this.base + BROKEN, reason);
    this.#endRound(PHASE.broken);
  }

  #endRound(phase: number): void {
    this.list.tellAll(phase);
    this.cells.store(this.base + COME, 0);
    this.cells.add(this.roundCell, 1);
  }

  /** Last part of a wait: if the round is not over, it breaks. @internal */
  depart(entry: number, failure?: unknown): void {
    const phase = this.isOver(this.cells.load(entry)) ? this.list.leave(entry) : this.#giveUp(entry, failure);
    if (phase === PHASE.passed) return;
    if (phase === PHASE.waiting && failure instanceof Error && !isIpcError(failure, 'ERR_IPC_NOBODY_LEFT'))
      throw failure;
    throw this.#brokenError();
  }

  #giveUp(entry: number, failure: unknown): number {
    return this.guarded(() => {
      const phase = this.list.leave(entry);
      if (phase === PHASE.waiting) this.#break(reasonOf(failure));
      return phase;
    });
  }

  #end(entry: number, timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    const wait = this.waiting<true>({
      verb: 'wait',
      cell: entry,
      expected: this.list.stateIn(PHASE.waiting),
      patience: this.#patience,
      timeoutMs,
      asynchronous,
      attempt: () => (this.isOver(this.cells.load(entry)) ? true : undefined),
      check: (thorough) => this.#breakForTheDead(thorough),
    });
    return Object.assign(wait, { enter: () => void (wait.expected = this.list.fallAsleep(entry)), leave() {} });
  }

  #breakForTheDead(thorough: boolean): void {
    if (this.list.dead(PHASE.waiting, thorough) === undefined && !this.guardDied(thorough)) return;
    this.guarded(() => {
      // The round may have been completed meanwhile.
      if (this.list.dead(PHASE.waiting, thorough) !== undefined) this.#break(DIED);
    });
  }

  #brokenError(): IpcError {
    const reason = REASONS[this.cells.load(this.base + REASON)] ?? '';
    return new IpcError('ERR_IPC_BROKEN_BARRIER', `${this.name} is broken: ${reason}`, {
      hint: 'barrier.reset() makes it whole again.',
    });
  }
}

function reasonOf(failure: unknown): number {
  if (failure === undefined) return TIMED_OUT;
  return isIpcError(failure, 'ERR_IPC_NOBODY_LEFT') ? NOBODY_LEFT : GIVEN_UP;
}
