import type { Cells } from './cells.ts';
import { SLOT_COUNT } from './layout.ts';
import { INDEX_BITS, INDEX_MASK, SLOT_STATE } from './slot-layout.ts';
import type { SlotTable } from './slots.ts';

/** Cells for one byte per slot. */
export const HOLDER_CELLS = SLOT_COUNT / 4;

const BYTE = 0xff;

/**
 * Which processes hold an object, a byte per slot: for objects that nobody owns, so that a wait can tell when nobody is left who could end it.
 * The byte says which of the processes that had the slot one after the other it was, and is 0 for none. A process that dies leaves it
 * to who reaps it; whether it is alive is asked when it matters.
 */
export class Holders {
  readonly #cells: Cells;
  readonly #base: number;

  constructor(cells: Cells, baseCell: number) {
    this.#cells = cells;
    this.#base = baseCell;
  }

  /** Marks a process. */
  add(id: number): void {
    this.#change(id, (mark) => (mark === markOf(id) ? undefined : markOf(id)));
  }

  /** Takes a process's mark away. */
  remove(id: number): void {
    this.#change(id, (mark) => (mark === markOf(id) ? 0 : undefined));
  }

  /** Whether a process is marked. */
  has(id: number): boolean {
    return this.#markAt(id) === markOf(id);
  }

  /** How many processes are marked, dead or alive. */
  count(): number {
    let count = 0;
    for (let cell = 0; cell < HOLDER_CELLS; cell++) {
      for (let word = this.#cells.load(this.#base + cell); word !== 0; word >>>= 8) if ((word & BYTE) !== 0) count++;
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
      if (this.has(id) && !waitsForIt(id) && slots.isAlive(id, thorough)) return true;
    }
    return false;
  }

  #markAt(id: number): number {
    const index = id & INDEX_MASK;
    return (this.#cells.load(this.#base + (index >> 2)) >>> ((index & 3) * 8)) & BYTE;
  }

  /** Changes the byte of a slot, or not. */
  #change(id: number, change: (mark: number) => number | undefined): void {
    const index = id & INDEX_MASK;
    const cell = this.#base + (index >> 2);
    const shift = (index & 3) * 8;
    for (;;) {
      const word = this.#cells.load(cell);
      const before = (word >>> shift) & BYTE;
      const after = change(before);
      if (after === undefined) return;
      const changed = (word & ~(BYTE << shift)) | (after << shift);
      if (this.#cells.compareExchange(cell, word, changed) === word) return;
    }
  }
}

/** Tells a process from those that had its slot before, of which 255 must have come and gone for one to be taken for another. */
function markOf(id: number): number {
  return ((id >>> INDEX_BITS) % BYTE) + 1;
}
