/**
 * The one way to wait for another process, and its rules, which keep every process killable and every death noticed:
 *
 * - no sleep in the kernel is longer than SLICE_MS; after each, the waiter looks again at its cell, at whether what it depends on is still
 *   alive, and at whether the lab still runs. So a waker that was killed between changing a cell and waking costs one slice;
 * - while it waits, a process says in its slot for what;
 * - while it is blocked, a signal that asks it to end does so, also if its code listens to that signal (ending-signals.ts);
 * - asynchronous waits of a process share one sleeper on one cell, the process's bell: a pool thread a process, never more. Whoever wakes
 *   the sleepers of a cell also rings the bells of those who listen (a count says whether anybody does), and they try again.
 */
import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import type { Mapping, Platform } from '../platform/platform.ts';
import type { Cells } from './cells.ts';
import { monotonicMs } from './clock.ts';
import { HEADER, LAB_STATE } from './layout.ts';
import type { Bells } from './bells.ts';
import { endBySignals } from './ending-signals.ts';
import { Lookout } from './lookout.ts';
import type { WaitVerb } from './slot-layout.ts';
import { deadlineAfter, hasPassed, refuseNoTimeout } from './timeout.ts';
import type { Patience } from './patience.ts';
import type { SlotTable } from './slots.ts';

/** The longest sleep without a look around. */
export const SLICE_MS = 100;

/**
 * The operating system, which need not be asked where the supervisor does its work, is asked after each slice at first; the longer a wait has
 * lasted, the rarer: in a tenth of that time, and not rarer than this. Or else hundreds who wait for long keep the processors busy.
 */
const MOST_UNASKED_MS = 500;

/** Some 30 ns between two looks, half a microsecond between two offers of the processor. */
const LOOKING = { pauseTurns: 64, looksPerYield: 16 };

/** What a wait is for: how to try, and whom it depends on. */
export interface Condition<T> {
  readonly verb: WaitVerb;
  /** The object's byte offset, or for `join` a slot id. */
  readonly target: number;
  /** The cell to sleep on. */
  readonly cell: number;
  /**
   * Tries without sleeping. Returns a result, or undefined when the wait must go on; then it has left a mark for the waker and
   * {@link expected} is the value of the cell on which it is right to sleep.
   */
  attempt(): T | undefined;
  expected: number;
  /** The longest sleep without a new attempt, where nobody wakes who waits: in milliseconds, at most SLICE_MS, which it is without it. */
  readonly pollMs?: number;
  /** Sleeps in the place of the cell, where something else than a cell changes; true when the time was over. For waits that block. */
  sleep?(timeoutMs: number): boolean;
  /** How long to look at the cell before sleeping; without it not at all. */
  readonly patience?: Patience;
  /** Called when the wait begins to sleep, and once when it is over: to be counted among those who need waking. */
  enter?(): void;
  leave?(): void;
  /** Throws when what the wait depends on has died. `thorough` also asks the operating system, not only the slot table. */
  check(thorough: boolean): void;
}

/** How long to wait, and what ends an asynchronous wait early. */
export interface AsyncWaitOptions {
  /** In milliseconds; without it for ever. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait with `ERR_IPC_ABORTED` when it fires. */
  readonly signal?: AbortSignal | undefined;
}

interface PendingWait {
  readonly deadline: number;
  readonly pollMs: number;
  /** Tries once; true when it has settled, one way or the other. */
  poll(now: number, thorough: boolean): boolean;
  /** Enters it into the table of who waits for what. */
  announce(): void;
}

export class Waiter {
  readonly #cells: Cells;
  readonly #slots: SlotTable;
  readonly #bells: Bells;
  readonly #self: number;
  readonly #platform: Platform;
  readonly #mapping: Mapping;
  readonly #epochMs: number;
  readonly #lookout: Lookout;
  /** Not a thread, which signals do not reach. */
  readonly #isProcess: boolean;
  readonly #pending = new Set<PendingWait>();
  readonly #tended = new Set<() => void>();
  #listening = false;

  constructor(
    cells: Cells,
    slots: SlotTable,
    bells: Bells,
    self: number,
    platform: Platform,
    mapping: Mapping,
    epochMs: number,
  ) {
    this.#cells = cells;
    this.#slots = slots;
    this.#bells = bells;
    this.#self = self;
    this.#platform = platform;
    this.#mapping = mapping;
    this.#epochMs = epochMs;
    this.#lookout = new Lookout(cells, platform, { ...LOOKING, alone: platform.cores === 1 });
    this.#isProcess = slots.host(self) === 0;
  }

  /** Blocks this process until the condition gives a result; undefined when `timeoutMs` passed first. */
  block<T>(condition: Condition<T>, timeoutMs?: number): T | undefined {
    let first = condition.attempt();
    if (first === undefined && !hasPassed(timeoutMs)) first = this.look(condition);
    if (first !== undefined || hasPassed(timeoutMs)) return first;
    const started = monotonicMs();
    const deadline = deadlineAfter(started, timeoutMs);
    if (this.#isProcess) endBySignals(this.#platform.signals);
    this.#slots.enterWait(this.#self, condition.verb, condition.target, condition.cell, started - this.#epochMs);
    condition.enter?.();
    try {
      // Asking the operating system takes time that a quick answer would not: a whole slice must have passed without one.
      for (let thorough = false, asked = started; ; ) {
        this.lookAround(condition, thorough);
        const result = condition.attempt();
        if (result !== undefined) return result;
        const leftMs = deadline - monotonicMs();
        if (leftMs <= 0) return undefined;
        const sliceMs = Math.min(leftMs, condition.pollMs ?? SLICE_MS);
        const isOver =
          condition.sleep?.(sliceMs) ?? this.#cells.wait(condition.cell, condition.expected, sliceMs) === 'timed-out';
        const woken = condition.attempt();
        if (woken !== undefined) return woken;
        const now = monotonicMs();
        thorough = isOver && now - asked >= Math.min((now - started) / 10, MOST_UNASKED_MS);
        if (thorough) asked = now;
      }
    } finally {
      condition.leave?.();
      this.#slots.leaveWait(this.#self);
    }
  }

  /** As {@link block}, for a condition on several cells: its cell is this process's bell, which whoever wakes the sleepers of any cell rings. */
  blockOnBell<T>(condition: Condition<T>, timeoutMs?: number): T | undefined {
    if (this.#listening) return this.block(condition, timeoutMs);
    this.#bells.arm(this.#self);
    try {
      return this.block(condition, timeoutMs);
    } finally {
      this.#bells.disarm(this.#self);
    }
  }

  /** As {@link block}, without blocking: the event loop goes on. @throws IpcError `ERR_IPC_ABORTED` when the signal fires first. */
  blockAsync<T>(condition: Condition<T>, options: AsyncWaitOptions = {}): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      refuseNoOptions(options);
      const { timeoutMs, signal } = options;
      const aborted = (): IpcError =>
        new IpcError('ERR_IPC_ABORTED', `waiting to ${condition.verb} was aborted`, { cause: signal?.reason });
      if (signal?.aborted) {
        reject(aborted());
        return;
      }
      const started = monotonicMs();
      const deadline = deadlineAfter(started, timeoutMs);
      const abort = (): void => {
        condition.leave?.();
        this.#pending.delete(wait);
        this.#bells.ring(this.#self);
        reject(aborted());
      };
      const settle = (finish: () => void): true => {
        condition.leave?.();
        signal?.removeEventListener('abort', abort);
        finish();
        return true;
      };
      const wait: PendingWait = {
        deadline,
        pollMs: condition.pollMs ?? SLICE_MS,
        announce: () => {
          const bell = this.#bells.cellOf(this.#self);
          this.#slots.enterWait(this.#self, condition.verb, condition.target, bell, started - this.#epochMs);
        },
        poll: (now, thorough) => {
          try {
            const result = condition.attempt();
            if (result !== undefined) return settle(() => resolve(result));
            this.lookAround(condition, thorough);
          } catch (error) {
            return settle(() => reject(error instanceof Error ? error : new Error(String(error))));
          }
          return now >= deadline && settle(() => resolve(undefined));
        },
      };
      if (!this.#listening) this.#bells.arm(this.#self);
      condition.enter?.();
      if (wait.poll(started, false)) {
        if (!this.#listening) this.#bells.disarm(this.#self);
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#pending.add(wait);
      if (this.#listening) this.#bells.ring(this.#self);
      else void this.#listen();
    });
  }

  /** Calls `look` after each slice of whatever this process waits for, until what is returned is called: others may wait for what it does. */
  tend(look: () => void): () => void {
    this.#tended.add(look);
    return () => this.#tended.delete(look);
  }

  /** Wakes up to `count` who sleep on a cell, and everyone who waits for it asynchronously. */
  wake(cell: number, count: number): void {
    this.#cells.wake(cell, count);
    this.#bells.ringAll();
  }

  /** Serves this process's asynchronous waits until none is left. The bell is read before they try, so a ring in between is not missed. */
  async #listen(): Promise<void> {
    this.#listening = true;
    const bell = this.#bells.cellOf(this.#self);
    let lookedAround = monotonicMs();
    try {
      while (this.#pending.size > 0) {
        const heard = this.#cells.load(bell);
        const now = monotonicMs();
        const thorough = now - lookedAround >= SLICE_MS;
        if (thorough) lookedAround = now;
        let nextDeadline = Number.POSITIVE_INFINITY;
        let sliceMs = SLICE_MS;
        for (const wait of this.#pending) {
          if (wait.poll(now, thorough)) this.#pending.delete(wait);
          else nextDeadline = Math.min(nextDeadline, wait.deadline);
          sliceMs = Math.min(sliceMs, wait.pollMs);
        }
        const [oldest] = this.#pending;
        if (oldest === undefined) break;
        oldest.announce();
        await this.#platform.waitAsync(
          this.#mapping,
          bell * 4,
          heard,
          Math.max(0.01, Math.min(nextDeadline - now, sliceMs)),
        );
      }
    } finally {
      this.#listening = false;
      this.#bells.disarm(this.#self);
      this.#slots.leaveWait(this.#self);
    }
  }

  /** Watches the cell for a moment, and tries again when it has changed. @internal */
  protected look<T>(condition: Condition<T>): T | undefined {
    return condition.patience === undefined ? undefined : this.#lookout.look(condition, condition.patience);
  }

  /** Throws when the wait has lost its sense. @internal */
  protected lookAround<T>(condition: Condition<T>, thorough: boolean): void {
    if (this.#cells.load(HEADER.state) !== LAB_STATE.running) {
      throw new IpcError('ERR_IPC_LAB_ENDING', `the lab is ending: no use waiting to ${condition.verb}`);
    }
    if (thorough) for (const look of this.#tended) look();
    condition.check(thorough);
  }
}

/** Refuses what does not say how to wait, also where nothing has to be waited for. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function refuseNoOptions(options: AsyncWaitOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `an asynchronous wait takes options, not ${shown(options)}`, {
      hint: 'As in queue.getAsync({ timeoutMs: 100 }) or queue.getAsync({ signal }).',
    });
  }
  refuseNoTimeout(options.timeoutMs);
  if (options.signal === undefined || options.signal instanceof AbortSignal) return;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a signal must be an AbortSignal, not ${shown(options.signal)}`, {
    hint: 'As in { signal: controller.signal } or { signal: AbortSignal.timeout(100) }.',
  });
}
