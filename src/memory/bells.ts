import type { Cells } from './cells.ts';
import { HEADER } from './layout.ts';
import { FIELD, fieldCell } from './slot-layout.ts';
import type { SlotTable } from './slots.ts';

/**
 * One cell per process on which it sleeps when it waits asynchronously, for whatever. Who wakes the sleepers of some other cell rings the bells
 * of all who listen, and they look again; a count in the header says whether anybody does, so that usually this costs one load.
 */
export class Bells {
  readonly #cells: Cells;
  readonly #slots: SlotTable;

  constructor(cells: Cells, slots: SlotTable) {
    this.#cells = cells;
    this.#slots = slots;
  }

  /** The cell on which a process sleeps when it waits asynchronously. */
  cellOf(id: number): number {
    return fieldCell(id, FIELD.bell);
  }

  /** Says that a process listens to its bell. The count goes up first: a kill in between costs others a look, not a wake-up. */
  arm(id: number): void {
    this.#cells.add(HEADER.asyncWaiters, 1);
    this.#cells.store(fieldCell(id, FIELD.bellArmed), 1);
  }

  /** Says that it no longer does; also called for the dead. */
  disarm(id: number): void {
    if (this.#cells.exchange(fieldCell(id, FIELD.bellArmed), 0) === 1) this.#cells.add(HEADER.asyncWaiters, -1);
  }

  /** Rings the bell of every process that listens. */
  ringAll(): void {
    if (this.#cells.load(HEADER.asyncWaiters) <= 0) return;
    for (const id of this.#slots.ids()) {
      if (this.#cells.load(fieldCell(id, FIELD.bellArmed)) === 1) this.ring(id);
    }
  }

  ring(id: number): void {
    const bell = this.cellOf(id);
    this.#cells.add(bell, 1);
    // One that waits asynchronously, and the process itself, which may wait for several things at once.
    this.#cells.wake(bell, 2);
  }
}
