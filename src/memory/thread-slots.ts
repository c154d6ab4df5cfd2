/**
 * What is particular to the slots of threads. A thread has a slot like a process, and so owns locks, waits and ends like one; but nobody reaps
 * it. Who says that it has ended:
 *
 * - the thread itself, in its last act: also who started it may then learn of it while its own event loop stands still;
 * - if it was stopped before it ran at all, whoever stopped it: both want to move the slot on from `spawned`, and one of them does;
 * - if it was stopped later, or died of something it could not catch, whoever waits for it and finds that the system knows it no longer;
 * - if its process has ended, the supervisor.
 *
 * A thread that still loads modules is not stopped but asked: one that is stopped in the middle of opening a file leaves that file open for
 * ever. Both want to change `stopped` from 0, the thread before it calls its function, and the first of them does.
 *
 * The supervisor notes the end of each; before that its slot is not given to another.
 */
import os from 'node:os';
import type { Platform } from '../platform/platform.ts';
import type { Cells } from './cells.ts';
import { FIELD, fieldCell, SLOT_STATE } from './slot-layout.ts';
import type { SlotTable } from './slots.ts';

/** What the field `stopped` says. */
const STOP = { no: 0, asked: 1, tooLate: 2, stopped: 3 } as const;

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

  /** The calling thread is about to call its function. False: it was asked to end before that, and must at once. */
  begins(id: number): boolean {
    return this.#cells.compareExchange(this.#stopCell(id), STOP.no, STOP.tooLate) === STOP.no;
  }

  /** Whether a thread was asked to end before it has called its function. */
  isAsked(id: number): boolean {
    return this.#cells.load(this.#stopCell(id)) === STOP.asked;
  }

  /** Asks a thread to end as soon as it has loaded what it needs. False: it is past that, and can only be stopped. */
  ask(id: number): boolean {
    return this.#cells.compareExchange(this.#stopCell(id), STOP.no, STOP.asked) === STOP.no;
  }

  /** The process, or the thread of one, that does so is about to stop a thread. True: it did not run yet, and has now ended. */
  stop(id: number): boolean {
    if (!this.ask(id)) this.#cells.compareExchange(this.#stopCell(id), STOP.tooLate, STOP.stopped);
    if (!this.#runs(id)) return false;
    this.vanished(id);
    return true;
  }

  /** Records that a thread has ended without saying so: it was stopped, or died of what it could not catch. */
  vanished(id: number): void {
    const stop = this.#cells.load(this.#stopCell(id));
    if (stop === STOP.asked || stop === STOP.stopped) this.#ended(id);
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

  #stopCell(id: number): number {
    return fieldCell(id, FIELD.stopped);
  }

  #ended(id: number): void {
    this.#slots.ended(id, undefined, os.constants.signals.SIGTERM);
  }

  #runs(id: number): boolean {
    const { spawned, running } = SLOT_STATE;
    return this.#cells.compareExchange(this.#slots.stateCell(id), spawned, running) === spawned;
  }
}
