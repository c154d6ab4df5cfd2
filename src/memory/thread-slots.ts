/**
 * What is particular to the slots of threads. A thread has a slot like a process, and so owns locks, waits and ends like one; but nobody reaps
 * it. Who says that it has ended:
 *
 * - the thread itself, in its last act: also who started it may then learn of it while its own event loop stands still;
 * - if the system could not start it, whoever wanted it to: both want to move the slot on from `spawned`, and one of them does;
 * - if it was stopped later, or died of something it could not catch, whoever waits for it and finds that the system knows it no longer;
 * - if its process has ended, the supervisor.
 *
 * Not every thread may be stopped at once. One that binds functions of the system would take its whole process with it (the foreign function
 * interface aborts where it can neither go on nor throw), and one that is stopped while it opens a file, as it does all the time while it loads
 * modules, leaves that file open for ever. So the field `stop` says what a thread is doing, and who wants it to end changes that in one step:
 *
 *   shielded ⟶ asked       It ends itself at the end of what it does, which is never long.
 *   loads    ⟶ hurried     It ends itself when it has loaded its module; should that have no end, it is stopped after all.
 *   open     ⟶ stopped     It may be stopped.
 *
 * The thread in its turn goes from `shielded`, with which it begins, by `loads` to `open`, and back and forth between that and `shielded`. Of two
 * who want to change the field at the same time one is first, and the other sees it.
 *
 * The supervisor notes the end of each; before that its slot is not given to another.
 */
import os from 'node:os';
import type { Platform } from '../platform/platform.ts';
import type { Cells } from './cells.ts';
import { FIELD, fieldCell, SLOT_STATE } from './slot-layout.ts';
import type { SlotTable } from './slots.ts';

const STOP = { shielded: 0, loads: 1, open: 2, asked: 3, hurried: 4, stopped: 5 } as const;

/** How a thread that is to end will: by itself and soon; by itself unless it takes too long; or by being stopped, now. */
export type ThreadEnd = 'soon' | 'if-it-can' | 'when-stopped';

const LAST_FIRST: readonly ThreadEnd[] = ['soon', 'if-it-can', 'when-stopped'];

/** What who wants it to end makes of the field, and how it will end then. */
const ENDS: Readonly<Record<number, readonly [now: number, ThreadEnd]>> = {
  [STOP.shielded]: [STOP.asked, 'soon'],
  [STOP.asked]: [STOP.asked, 'soon'],
  [STOP.loads]: [STOP.hurried, 'if-it-can'],
  [STOP.hurried]: [STOP.hurried, 'if-it-can'],
  [STOP.open]: [STOP.stopped, 'when-stopped'],
  [STOP.stopped]: [STOP.stopped, 'when-stopped'],
};

export class ThreadSlots {
  readonly #cells: Cells;
  readonly #slots: SlotTable;
  readonly #platform: Platform;

  constructor(cells: Cells, slots: SlotTable, platform: Platform) {
    this.#cells = cells;
    this.#slots = slots;
    this.#platform = platform;
  }

  /** Makes a claimed slot that of a thread of a process. From here on everybody sees it. */
  made(id: number, host: number, nowMs: number): void {
    this.#cells.store(fieldCell(id, FIELD.pid), this.#slots.pid(host));
    this.#cells.store(fieldCell(id, FIELD.host), host);
    this.#slots.setTime(id, 'spawnedAt', nowMs);
    this.#slots.advance(id, SLOT_STATE.spawned);
  }

  /** The calling thread says that it runs. False: it was stopped before that, and must end at once. */
  runs(id: number): boolean {
    const thread = this.#platform.threadId();
    const startTime = this.#platform.identifyThread(this.#slots.pid(id), thread)?.startTime ?? 0;
    this.#cells.storeFloat64(fieldCell(id, FIELD.startTime) / 2, startTime);
    this.#cells.store(fieldCell(id, FIELD.thread), thread);
    return this.#runs(id);
  }

  /** The calling thread is about to load the module of its function. False: it was asked to end before that, and must at once. */
  loads(id: number): boolean {
    return this.#moves(id, STOP.shielded, STOP.loads);
  }

  /** The calling thread is about to call its function. False: as in {@link loads}. */
  begins(id: number): boolean {
    return this.#moves(id, STOP.loads, STOP.open);
  }

  /** The calling thread must not be stopped from here on until {@link unshield}. False: it is being stopped, and must wait for that. */
  shield(id: number): boolean {
    return this.#moves(id, STOP.open, STOP.shielded);
  }

  /** False: as in {@link loads}. */
  unshield(id: number): boolean {
    return this.#moves(id, STOP.shielded, STOP.open);
  }

  /** Whether somebody is about to stop a thread. */
  isBeingStopped(id: number): boolean {
    return this.#cells.load(this.#stopCell(id)) === STOP.stopped;
  }

  /** Whether a thread ends itself because it was asked to. */
  isAsked(id: number): boolean {
    const stop = this.#cells.load(this.#stopCell(id));
    return stop === STOP.asked || stop === STOP.hurried;
  }

  /** Somebody, in the process of the thread, wants it to end: tells how it will. Whoever is told to stop it must. */
  end(id: number): ThreadEnd {
    for (;;) {
      const stop = this.#cells.load(this.#stopCell(id));
      const [next, how] = ENDS[stop] ?? [stop, 'when-stopped'];
      if (this.#moves(id, stop, next)) return how;
    }
  }

  /** As {@link end}, for all threads that a thread has started, and those below them, or all of a process; tells how the last will end. */
  endBelow(id: number): ThreadEnd | undefined {
    const ends = [...this.#slots.ids()]
      .filter((each) => this.#isBelow(each, id) && this.#slots.isAlive(each))
      .map((each) => this.end(each));
    return LAST_FIRST.find((how) => ends.includes(how));
  }

  /** How long a thread has had the processor, in milliseconds. */
  cpuMs(id: number): number {
    return this.#platform.threadCpuMs(this.#slots.pid(id), this.#cells.load(fieldCell(id, FIELD.thread))) ?? 0;
  }

  /** The system could not start a thread. False: it runs all the same. */
  failed(id: number): boolean {
    if (!this.#runs(id)) return false;
    this.vanished(id);
    return true;
  }

  /** Records that a thread has ended without saying so: it was stopped, or died of what it could not catch. */
  vanished(id: number): void {
    if (this.#cells.load(this.#stopCell(id)) >= STOP.asked) this.#ended(id);
    else this.#slots.ended(id, 1, 0);
  }

  /** The calling thread says that it ends. */
  ends(id: number, exitCode: number): void {
    if (this.isAsked(id)) this.#ended(id);
    else this.#slots.ended(id, exitCode, 0);
  }

  /** Whether the supervisor knows all there is to know of a thread that has ended. */
  isNoted(id: number): boolean {
    return this.#cells.load(fieldCell(id, FIELD.noted)) === 1;
  }

  /** The supervisor does. */
  note(id: number): void {
    this.#cells.store(fieldCell(id, FIELD.noted), 1);
  }

  #moves(id: number, from: number, to: number): boolean {
    return this.#cells.compareExchange(this.#stopCell(id), from, to) === from;
  }

  /** Whether a thread was started by another of its process, or by one below that; or is of a process. */
  #isBelow(thread: number, above: number): boolean {
    const host = this.#slots.host(thread);
    if (host === 0 || host === above) return host === above;
    for (let at = this.#slots.parent(thread); ; at = this.#slots.parent(at)) {
      if (at === above) return true;
      if (at === 0 || this.#slots.host(at) !== host) return false;
    }
  }

  #stopCell(id: number): number {
    return fieldCell(id, FIELD.stop);
  }

  #ended(id: number): void {
    this.#slots.ended(id, undefined, os.constants.signals.SIGTERM);
  }

  #runs(id: number): boolean {
    const { spawned, running } = SLOT_STATE;
    return this.#cells.compareExchange(this.#slots.stateCell(id), spawned, running) === spawned;
  }
}
