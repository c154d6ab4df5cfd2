/**
 * Cells behind a gate: each access is a step of its own, and between any two the schedule may let others run. The algorithms of the
 * primitives run on them unchanged; so the lock that is explored is the lock that ships.
 *
 * - Sleeping takes two steps. SLEEP compares, as the futex does, and enters the queue of the cell; AWAKE can be taken once a WAKE has let
 *   this sleeper go. WAKE lets go who has slept longest. Time does not pass: a sleep ends by being woken and never by itself, so a wake-up that
 *   is lost shows as a deadlock, not as a delay of one slice.
 * - A look in a loop that backs off is a step that can be taken only after somebody has written something: looking again sooner would
 *   show the same.
 *
 * An access of one cell depends on accesses of that cell alone; one that is wider, or covers a range, is taken to depend on all. Before the
 * actor's first step and after its last the gate stands open.
 */
import { IpcError } from '../core/errors.ts';
import type { Cells } from '../memory/cells.ts';
import type { WaitOutcome } from '../platform/platform.ts';
import { EVERYWHERE, GUARD } from './control.ts';
import type { PendingStep } from './gate.ts';
import { fingerprint } from './object-gate.ts';
import { type Operation, operationIndex } from './operations.ts';

/** What the cells of an actor ask of it. */
export interface CellStepper {
  pass(step: PendingStep): void;
  note(value: unknown): void;
  /** Hears that the step that was just taken changed nothing. */
  wroteNothing(): void;
  refuse(error: IpcError): IpcError;
  /** Enters the actor among those who sleep on a cell. */
  sleep(cell: number): void;
  /** Lets go up to `count` who sleep on a cell, in the order in which they fell asleep; returns how many. */
  rouse(cell: number, count: number): number;
  /** Parks until somebody has written something since the actor's present round of looking began. */
  spin(): void;
}

export class GatedCells implements Cells {
  readonly #raw: Cells;
  /** Undefined while the gate stands open. */
  stepper: CellStepper | undefined;

  constructor(raw: Cells) {
    this.#raw = raw;
  }

  load(cell: number): number {
    return this.#load(cell * 4, () => this.#raw.load(cell));
  }
  store(cell: number, value: number): void {
    this.#store(cell * 4, value, () => this.#raw.store(cell, value));
  }
  add(cell: number, value: number): number {
    return this.#step('ATOMIC', cell * 4, () => this.#raw.add(cell, value));
  }
  exchange(cell: number, value: number): number {
    return this.#step(
      'EXCHANGE',
      cell * 4,
      () => this.#raw.exchange(cell, value),
      (was) => `${was} -> ${value}`,
    );
  }
  compareExchange(cell: number, expected: number, replacement: number): number {
    return this.#step(
      'CAS',
      cell * 4,
      () => this.#raw.compareExchange(cell, expected, replacement),
      (was) => {
        if (was === expected) return `${was} -> ${replacement}`;
        this.stepper?.wroteNothing();
        return `no: ${was}`;
      },
    );
  }
  backOff(cell: number, turns: number): number {
    if (this.stepper === undefined) return this.#raw.backOff(cell, turns);
    this.stepper.spin();
    return this.load(cell);
  }

  wait(cell: number, expected: number, timeoutMs: number): WaitOutcome {
    const { stepper } = this;
    if (stepper === undefined) return this.#raw.wait(cell, expected, timeoutMs);
    const asleep = this.#step(
      'SLEEP',
      cell * 4,
      () => {
        if (this.#raw.load(cell) !== expected) return false;
        stepper.sleep(cell);
        return true;
      },
      (slept) => (slept ? `while ${expected}` : `no: ${this.#raw.load(cell)}`),
    );
    if (!asleep) return 'changed';
    stepper.pass({ op: operationIndex('AWAKE'), location: 0, writes: false, object: cell * 4, guard: GUARD.roused });
    stepper.note(undefined);
    return 'woken';
  }
  wake(cell: number, count: number): void {
    const { stepper } = this;
    if (stepper === undefined) this.#raw.wake(cell, count);
    else
      this.#step(
        'WAKE',
        cell * 4,
        () => stepper.rouse(cell, count),
        (roused) => roused,
      );
  }

  loadInt8(index: number): number {
    return this.#load(index & ~3, () => this.#raw.loadInt8(index));
  }
  storeInt8(index: number, value: number): void {
    this.#storeElement(index & ~3, value, () => this.#raw.storeInt8(index, value));
  }
  loadUint8(index: number): number {
    return this.#load(index & ~3, () => this.#raw.loadUint8(index));
  }
  storeUint8(index: number, value: number): void {
    this.#storeElement(index & ~3, value, () => this.#raw.storeUint8(index, value));
  }
  loadInt16(index: number): number {
    return this.#load((index * 2) & ~3, () => this.#raw.loadInt16(index));
  }
  storeInt16(index: number, value: number): void {
    this.#storeElement((index * 2) & ~3, value, () => this.#raw.storeInt16(index, value));
  }
  loadUint16(index: number): number {
    return this.#load((index * 2) & ~3, () => this.#raw.loadUint16(index));
  }
  storeUint16(index: number, value: number): void {
    this.#storeElement((index * 2) & ~3, value, () => this.#raw.storeUint16(index, value));
  }
  loadInt32(index: number): number {
    return this.#load(index * 4, () => this.#raw.loadInt32(index));
  }
  storeInt32(index: number, value: number): void {
    this.#storeElement(index * 4, value, () => this.#raw.storeInt32(index, value));
  }
  loadUint32(index: number): number {
    return this.#load(index * 4, () => this.#raw.loadUint32(index));
  }
  storeUint32(index: number, value: number): void {
    this.#storeElement(index * 4, value, () => this.#raw.storeUint32(index, value));
  }
  loadFloat32(index: number): number {
    return this.#load(index * 4, () => this.#raw.loadFloat32(index));
  }
  storeFloat32(index: number, value: number): void {
    this.#storeElement(index * 4, value, () => this.#raw.storeFloat32(index, value));
  }
  loadFloat64(index: number): number {
    return this.#wide('LOAD', index * 8, () => this.#raw.loadFloat64(index));
  }
  storeFloat64(index: number, value: number): void {
    this.#wide('STORE', index * 8, () => this.#raw.storeFloat64(index, value));
  }
  loadBigInt64(index: number): bigint {
    return this.#wide('LOAD', index * 8, () => this.#raw.loadBigInt64(index));
  }
  storeBigInt64(index: number, value: bigint): void {
    this.#wide('STORE', index * 8, () => this.#raw.storeBigInt64(index, value));
  }
  compareExchangeBigInt64(index: number, expected: bigint, replacement: bigint): bigint {
    return this.#wide('CAS', index * 8, () => this.#raw.compareExchangeBigInt64(index, expected, replacement));
  }
  loadBigUint64(index: number): bigint {
    return this.#wide('LOAD', index * 8, () => this.#raw.loadBigUint64(index));
  }
  storeBigUint64(index: number, value: bigint): void {
    this.#wide('STORE', index * 8, () => this.#raw.storeBigUint64(index, value));
  }

  copyOut(byteOffset: number, target: Uint8Array): void {
    this.#wide(
      'LOAD',
      byteOffset,
      () => this.#raw.copyOut(byteOffset, target),
      () => bytesText(target.length),
    );
  }
  copyIn(byteOffset: number, source: Uint8Array): void {
    this.#wide(
      'STORE',
      byteOffset,
      () => this.#raw.copyIn(byteOffset, source),
      () => bytesText(source.length),
    );
  }
  writeLatin1(byteOffset: number, text: string): void {
    this.#wide(
      'STORE',
      byteOffset,
      () => this.#raw.writeLatin1(byteOffset, text),
      () => text,
    );
  }
  readLatin1(byteOffset: number, length: number): string {
    return this.#wide('LOAD', byteOffset, () => this.#raw.readLatin1(byteOffset, length));
  }
  clear(byteOffset: number, sizeBytes: number): void {
    this.#wide(
      'STORE',
      byteOffset,
      () => this.#raw.clear(byteOffset, sizeBytes),
      () => bytesText(sizeBytes),
    );
  }
  expose(): ArrayBuffer {
    if (this.stepper === undefined) return this.#raw.expose();
    throw this.stepper.refuse(
      new IpcError('ERR_IPC_UNSEEN', 'an explored program cannot use a view: the explorer would not see it', {
        hint: 'Use get and set.',
      }),
    );
  }

  #load<T>(byteOffset: number, work: () => T): T {
    return this.#step('LOAD', byteOffset, work);
  }

  #store(byteOffset: number, value: number, work: () => void): void {
    this.#step('STORE', byteOffset, work, () => value);
  }

  /** Of a value or array: what it stores must be the same when the same schedule is run again. */
  #storeElement(byteOffset: number, value: number, work: () => void): void {
    this.#access('STORE', byteOffset, byteOffset, work, () => value, fingerprint(0, value));
  }

  #step<T>(op: Operation, byteOffset: number, work: () => T, noted?: (result: T) => unknown): T {
    return this.#access(op, byteOffset, byteOffset, work, noted);
  }

  /** An access of more than one cell. */
  #wide<T>(op: Operation, byteOffset: number, work: () => T, noted?: (result: T) => unknown): T {
    return this.#access(op, EVERYWHERE, byteOffset, work, noted);
  }

  /** @param noted what is written down of it, given its result; without it the result */
  #access<T>(
    op: Operation,
    location: number,
    byteOffset: number,
    work: () => T,
    noted: ((result: T) => unknown) | undefined,
    stored = 0,
  ): T {
    const { stepper } = this;
    if (stepper === undefined) return work();
    stepper.pass({ op: operationIndex(op), location, writes: op !== 'LOAD', object: byteOffset, stored });
    const result = work();
    stepper.note(noted === undefined ? result : noted(result));
    return result;
  }
}

function bytesText(count: number): string {
  return count === 1 ? '1 byte' : `${count} bytes`;
}
