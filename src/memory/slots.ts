/**
 * The table of a lab's processes and their threads, in shared memory: who they are, how they fare, what they wait for. Wherever it says
 * process, a thread with a slot of its own is one too; what is particular to threads is in thread-slots.ts.
 *
 * Ids are not reused before 16,383 processes had that slot, so a lock whose owner's id is no longer in the table was held by a process that
 * has ended.
 *
 * Writers: the process that starts another fills a slot that it has claimed, up to `requested`; the supervisor writes what it learns by
 * spawning and reaping; the process itself writes its times and its waiting. Each cell has one writer at a time.
 */
import { IpcError } from '../core/errors.ts';
import type { Platform } from '../platform/platform.ts';
import type { Cells } from './cells.ts';
import { HEADER, SLOT_COUNT, SLOT_SIZE_BYTES } from './layout.ts';
import {
  FIELD,
  FLAG_DAEMON,
  fieldCell,
  GENERATION_LIMIT,
  INDEX_BITS,
  INDEX_MASK,
  NAME_BYTES,
  NO_EXIT_CODE,
  SLOT_STATE,
  type SlotTime,
  slotCell,
  WAIT_VERBS,
  type WaitVerb,
} from './slot-layout.ts';

/** What a process is waiting for, as its slot tells it. */
export interface Waiting {
  readonly verb: WaitVerb;
  /** For `join` and `start` the slot id of a process, else the byte offset of an object. */
  readonly target: number;
  readonly sinceMs: number;
  /** Whether the process goes on meanwhile. */
  readonly asynchronous: boolean;
}

export class SlotTable {
  readonly #cells: Cells;
  readonly #platform: Platform;

  constructor(cells: Cells, platform: Platform) {
    this.#cells = cells;
    this.#platform = platform;
  }

  /**
   * Claims a free slot for a process to be; its id is returned.
   * @throws IpcError `ERR_IPC_TOO_MANY_PROCESSES`
   */
  claim(name: string, parent: number, daemon: boolean): number {
    const cells = this.#cells;
    const start = cells.add(HEADER.slotHint, 1) >>> 0;
    for (let step = 0; step < SLOT_COUNT; step++) {
      const index = (start + step) % SLOT_COUNT;
      const base = slotCell(index);
      if (cells.load(base + FIELD.state) !== SLOT_STATE.free) continue;
      if (cells.compareExchange(base + FIELD.state, SLOT_STATE.free, SLOT_STATE.claimed) !== SLOT_STATE.free) continue;
      this.#raiseTop(index + 1);
      const generation = ((cells.load(base + FIELD.id) >>> INDEX_BITS) + 1) % GENERATION_LIMIT || 1;
      const id = (generation << INDEX_BITS) | index;
      cells.store(base + FIELD.parent, parent);
      // Who stopped in the middle of looking at it must not take the first change of a count for one of the last who had the slot.
      const number = cells.load(base + FIELD.changingNumber);
      cells.clear((base + FIELD.startTime) * 4, SLOT_SIZE_BYTES - FIELD.startTime * 4);
      cells.store(base + FIELD.changingNumber, number);
      cells.store(base + FIELD.pid, 0);
      cells.store(base + FIELD.exitCode, NO_EXIT_CODE);
      cells.store(base + FIELD.flags, daemon ? FLAG_DAEMON : 0);
      this.#writeName(base, name);
      cells.store(base + FIELD.id, id);
      return id;
    }
    throw new IpcError(
      'ERR_IPC_TOO_MANY_PROCESSES',
      `a lab has room for ${SLOT_COUNT} processes at a time, and all are taken`,
      {
        hint: 'Join processes that have ended before starting more.',
      },
    );
  }

  /** Gives a slot back. Whoever still holds the id sees a process that has ended. */
  release(id: number): void {
    if (this.#current(id)) this.#free(id & INDEX_MASK);
  }

  /** Gives back the slots that a process has claimed and, as it has ended, will never fill in; `discard` is called with each before. */
  abandonClaims(parent: number, discard: (id: number) => void): void {
    const top = this.#cells.load(HEADER.slotTop);
    for (let index = 0; index < top; index++) {
      const base = slotCell(index);
      if (this.#cells.load(base + FIELD.state) !== SLOT_STATE.claimed) continue;
      if (this.#cells.load(base + FIELD.parent) !== parent) continue;
      discard(this.#cells.load(base + FIELD.id));
      this.#free(index);
    }
  }

  /** A free slot has no parent: of one that was claimed this very moment nobody shall think it was claimed by the last who had it. */
  #free(index: number): void {
    this.#cells.store(slotCell(index) + FIELD.parent, 0);
    this.#cells.store(slotCell(index) + FIELD.state, SLOT_STATE.free);
  }

  /** The ids of all slots in use, in the order of the table. */
  *ids(): Generator<number> {
    const top = this.#cells.load(HEADER.slotTop);
    for (let index = 0; index < top; index++) {
      const base = slotCell(index);
      if (this.#cells.load(base + FIELD.state) >= SLOT_STATE.requested) yield this.#cells.load(base + FIELD.id);
    }
  }

  /** The ids of slots in a given state. */
  idsIn(state: number): number[] {
    return [...this.ids()].filter((id) => this.state(id) === state);
  }

  /** The state of a process; `ended` also when the slot has gone to another. */
  state(id: number): number {
    return this.#current(id) ? this.#cells.load(fieldCell(id, FIELD.state)) : SLOT_STATE.ended;
  }

  /** The cell that holds the state, to sleep on. */
  stateCell(id: number): number {
    return fieldCell(id, FIELD.state);
  }

  /** Moves a process to a later state and wakes who waits for that. */
  advance(id: number, state: number): void {
    const cell = this.stateCell(id);
    for (;;) {
      const now = this.#cells.load(cell);
      if (!this.#current(id) || now >= state) return;
      if (this.#cells.compareExchange(cell, now, state) === now) break;
    }
    this.#cells.wake(cell, SLOT_COUNT);
  }

  /**
   * Tells whether a process can still do anything. The supervisor's word counts first; where that has not come yet the operating system
   * is asked, and a zombie or a process that took over the pid counts as dead.
   * @param thorough false: the supervisor's word is enough; asking the operating system takes some 20 µs
   */
  isAlive(id: number, thorough = true): boolean {
    const state = this.state(id);
    if (state === SLOT_STATE.ended || state === SLOT_STATE.free) return false;
    const host = this.host(id);
    if (host !== 0 && this.state(host) === SLOT_STATE.ended) return false;
    if (state < SLOT_STATE.spawned || !thorough) return true;
    const thread = this.#get(id, FIELD.thread);
    // Until a thread has said what the system calls it, it lives as long as its process.
    if (host !== 0 && thread === 0) return this.isAlive(host);
    const startTime = this.#cells.loadFloat64(fieldCell(id, FIELD.startTime) / 2);
    const pid = this.pid(id);
    const found = host === 0 ? this.#platform.identify(pid) : this.#platform.identifyThread(pid, thread);
    return found?.startTime === startTime;
  }

  name(id: number): string {
    if (!this.#current(id)) return 'a process that has ended';
    const base = slotCell(id & INDEX_MASK);
    const bytes = new Uint8Array(this.#cells.load(base + FIELD.name));
    this.#cells.copyOut((base + FIELD.name + 1) * 4, bytes);
    return new TextDecoder().decode(bytes);
  }

  pid(id: number): number {
    return this.#get(id, FIELD.pid);
  }

  parent(id: number): number {
    return this.#get(id, FIELD.parent);
  }

  /** Slot id of the process that a thread belongs to; 0 for a process. */
  host(id: number): number {
    return this.#get(id, FIELD.host);
  }

  isDaemon(id: number): boolean {
    return this.#get(id, FIELD.flags) === FLAG_DAEMON;
  }

  /** Records that the operating system has started the process. */
  spawned(id: number, pid: number): void {
    const base = slotCell(id & INDEX_MASK);
    this.#cells.store(base + FIELD.pid, pid);
    this.#cells.storeFloat64(fieldCell(id, FIELD.startTime) / 2, this.#platform.identify(pid)?.startTime ?? 0);
    this.advance(id, SLOT_STATE.spawned);
  }

  /** Records how the process ended: an exit code, or else a signal's number. */
  ended(id: number, exitCode: number | undefined, signal: number): void {
    const base = slotCell(id & INDEX_MASK);
    this.#cells.store(base + FIELD.exitCode, exitCode ?? NO_EXIT_CODE);
    this.#cells.store(base + FIELD.signal, signal);
    this.advance(id, SLOT_STATE.ended);
  }

  exitCode(id: number): number | undefined {
    const code = this.#get(id, FIELD.exitCode);
    return code === NO_EXIT_CODE ? undefined : code;
  }

  /** The number of the signal that ended the process; 0 for none. */
  signal(id: number): number {
    return this.#get(id, FIELD.signal);
  }

  /** The blob with what the process is to call; 0 once it has been read. */
  args(id: number): number {
    return this.#get(id, FIELD.args);
  }

  setArgs(id: number, blob: number): void {
    this.#set(id, FIELD.args, blob);
  }

  /** The blob with the error that ended the process; 0 for none. */
  error(id: number): number {
    return this.#get(id, FIELD.error);
  }

  setError(id: number, blob: number): void {
    this.#set(id, FIELD.error, blob);
  }

  time(id: number, which: SlotTime): number {
    return this.#cells.loadFloat64(fieldCell(id, FIELD[which]) / 2);
  }

  setTime(id: number, which: SlotTime, ms: number): void {
    this.#cells.storeFloat64(fieldCell(id, FIELD[which]) / 2, ms);
  }

  /** Enters what a process waits for into the table, so that others can say who waits for whom. */
  enterWait(id: number, verb: WaitVerb, target: number, cell: number, nowMs: number): void {
    const base = slotCell(id & INDEX_MASK);
    this.#cells.store(base + FIELD.waitTarget, target);
    this.#cells.store(base + FIELD.waitCell, cell);
    this.#cells.storeFloat64(fieldCell(id, FIELD.waitSince) / 2, nowMs);
    this.#cells.store(base + FIELD.waitVerb, WAIT_VERBS.indexOf(verb));
  }

  leaveWait(id: number): void {
    this.#set(id, FIELD.waitVerb, 0);
  }

  /** What a process waits for at this moment. */
  waiting(id: number): Waiting | undefined {
    const verb = WAIT_VERBS[this.#get(id, FIELD.waitVerb)];
    if (verb === undefined || verb === '') return undefined;
    return {
      verb,
      target: this.#get(id, FIELD.waitTarget) >>> 0,
      sinceMs: this.#cells.loadFloat64(fieldCell(id, FIELD.waitSince) / 2),
      asynchronous: this.#get(id, FIELD.waitCell) === fieldCell(id, FIELD.bell),
    };
  }

  /** Wakes every process that sleeps, so that it looks again at what it depends on: called when a process has died. */
  wakeSleepers(): void {
    for (const id of this.ids()) this.wakeSleeper(id);
  }

  /** Wakes a process if it sleeps, and with it whoever else sleeps on that cell. */
  wakeSleeper(id: number): void {
    if (this.#get(id, FIELD.waitVerb) !== 0) this.#cells.wake(this.#get(id, FIELD.waitCell), SLOT_COUNT);
  }

  #raiseTop(top: number): void {
    for (let now = this.#cells.load(HEADER.slotTop); now < top; now = this.#cells.load(HEADER.slotTop)) {
      this.#cells.compareExchange(HEADER.slotTop, now, top);
    }
  }

  #current(id: number): boolean {
    return this.#cells.load(fieldCell(id, FIELD.id)) === id;
  }

  #get(id: number, field: number): number {
    return this.#cells.load(fieldCell(id, field));
  }

  #set(id: number, field: number, value: number): void {
    this.#cells.store(fieldCell(id, field), value);
  }

  #writeName(base: number, name: string): void {
    const bytes = new Uint8Array(NAME_BYTES);
    const { written } = new TextEncoder().encodeInto(name, bytes);
    this.#cells.store(base + FIELD.name, written);
    this.#cells.copyIn((base + FIELD.name + 1) * 4, bytes);
  }
}
