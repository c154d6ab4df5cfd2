import type { Cells } from './cells.ts';
import { SLOT_COUNT } from './layout.ts';
import { INDEX_MASK, SLOT_STATE } from './slot-layout.ts';
import type { SlotTable } from './slots.ts';

/** Cells for one bit per slot. */
export const HOLDER_CELLS = SLOT_COUNT / 32;

/**
 * Which processes hold an object, one bit per slot: for objects that nobody owns, so that a wait can tell when nobody is left who could end it.
 * A process that dies leaves its bit; whether it is alive is asked when it matters.
 */
export class Holders {
  readonly #cells: Cells;
  readonly #base: number;

  constructor(cells: Cells, baseCell: number) {
    this.#cells = cells;
    this.#base = baseCell;
  }

  add(id: number): void {
    this.#change(id, true);
  }

  remove(id: number): void {
    this.#change(id, false);
  }

  /** How many processes are marked, dead or alive. */
  count(): number {
    let count = 0;
    for (let cell = 0; cell < HOLDER_CELLS; cell++) {
      for (let word = this.#cells.load(this.#base + cell); word !== 0; word &= word - 1) count++;
    }
    return count;
  }

  /**
   * Tells whether anybody but `self` is alive who could act on the object: holds it and does not itself wait for it, or is only just starting
   * and may be about to get it.
   */
  anyoneElse(self: number, slots: SlotTable, waitsForIt: (id: number) => boolean, thorough: boolean): boolean {
    for (const id of slots.ids()) {
      if (id === self || slots.state(id) === SLOT_STATE.ended) continue;
      if (slots.args(id) !== 0) return true;
      const index = id & INDEX_MASK;
      const held = (this.#cells.load(this.#base + (index >> 5)) & (1 << (index & 31))) !== 0;
      if (held && !waitsForIt(id) && slots.isAlive(id, thorough)) return true;
    }
    return false;
  }

  #change(id: number, held: boolean): void {
    const index = id & INDEX_MASK;
    const cell = this.#base + (index >> 5);
    const bit = 1 << (index & 31);
    for (;;) {
      const word = this.#cells.load(cell);
      if (this.#cells.compareExchange(cell, word, held ? word | bit : word & ~bit) === word) return;
    }
  }
}
