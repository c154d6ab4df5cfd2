/**
 * Messages in shared memory that come out by an order of their own. Everything happens under a lock that the owner of the table keeps.
 *
 * ```
 * state  cell 0 table      byte offset of the places below
 *             1 places     how many there are
 *             2 count      how many are taken, and entries of the heap
 *             4 pushed     messages ever put in (Float64)
 *
 * table  `places` places of a cache line each, then the heap: a cell per place, then a list of those that are free: a cell per place
 *
 * place  cell 0 full       1 from the store on that makes its message visible, 0 from the store on that takes it out
 *             1 kind  2 length  3 number
 *             6 sequence number (Float64)   8 priority (Float64)   10 … 15 up to 24 bytes
 * ```
 *
 * Only `full` says what there is; heap, free list, `count` and `pushed` follow from it. A process killed in between leaves those wrong, and
 * {@link OrderedTable.mend}, called by whoever takes the lock over from the dead, makes them anew. A message that comes when `pushed` is n has
 * the sequence number n, so one more was put in than `pushed` says if there is one with that number.
 *
 * The heap is a binary one (J. W. J. Williams, 1964); sequence numbers keep what is equal in order. Putting and taking take O(log n).
 */
import type { Arena } from '../memory/arena.ts';
import type { Cells } from '../memory/cells.ts';
import type { RecordView } from './message-ring.ts';
import type { RecordLabel } from './ring-search.ts';

export const STATE_CELLS = 16;
const TABLE = 0;
const PLACES = 1;
const COUNT = 2;
const PUSHED = 4;

const PLACE_CELLS = 16;
const FULL = 0;
const KIND = 1;
const LENGTH = 2;
const NUMBER = 3;
const SEQUENCE = 6;
const PRIORITY = 8;
const BYTES = 10;

const FIRST_PLACES = 16;

/** Whether the message with that priority and sequence number comes out before the other. */
export type Before = (priority: number, sequence: number, otherPriority: number, otherSequence: number) => boolean;

/** What is to be put in: as in a {@link RecordView}. */
export interface Entry {
  readonly kind: number;
  readonly length: number;
  readonly number: number;
  readonly priority: number;
}

/** A message that was found in the table: where its bytes lie, until it is taken. */
export interface EntryView extends RecordView {
  readonly place: number;
  readonly priority: number;
}

export class OrderedTable {
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #base: number;
  readonly #before: Before;

  /** @param baseCell first of its STATE_CELLS cells, initialized by {@link initialize} */
  constructor(cells: Cells, arena: Arena, baseCell: number, before: Before) {
    this.#cells = cells;
    this.#arena = arena;
    this.#base = baseCell;
    this.#before = before;
  }

  /** Makes an empty table. @param allocate memory for that cell to refer to */
  static initialize(cells: Cells, baseCell: number, allocate: (cell: number, sizeBytes: number) => number): void {
    const table = allocate(baseCell + TABLE, FIRST_PLACES * (PLACE_CELLS + 2) * 4);
    for (let place = 0; place < FIRST_PLACES; place++)
      cells.store(table / 4 + FIRST_PLACES * (PLACE_CELLS + 1) + place, place);
    cells.store(baseCell + PLACES, FIRST_PLACES);
  }

  /** First of its cells. */
  get baseCell(): number {
    return this.#base;
  }

  /** Whether there is a message like that, while others may put and take: also without the lock. */
  holds(isIt: (message: RecordLabel) => boolean): boolean {
    const cells = this.#cells;
    for (;;) {
      const table = cells.load(this.tableCell);
      if (table === 0) return false;
      let found = false;
      for (let index = 0, places = this.#places; !found && index < places; index++) {
        const place = (table >>> 0) / 4 + index * PLACE_CELLS;
        found = cells.load(place + FULL) === 1 && isIt(this.#view(index, place));
      }
      // Of a table that another has outgrown meanwhile the memory may be anybody's.
      if (cells.load(this.tableCell) === table) return found;
    }
  }

  get count(): number {
    return this.#cells.load(this.#base + COUNT);
  }

  /** Messages ever put in. */
  get pushed(): number {
    return this.#cells.loadFloat64((this.#base + PUSHED) / 2);
  }

  /** How many bytes a message may have. */
  static readonly mostBytes = (PLACE_CELLS - BYTES) * 4;

  /** Puts a message in. @param write gets told where to put its bytes */
  push(entry: Entry, write: (byteOffset: number) => void): void {
    const cells = this.#cells;
    if (this.count === this.#places) this.#grow();
    const { count, pushed } = this;
    const index = cells.load(this.#free + this.#places - 1 - count);
    const place = this.#place(index);
    cells.store(place + KIND, entry.kind);
    cells.store(place + LENGTH, entry.length);
    cells.store(place + NUMBER, entry.number);
    cells.storeFloat64((place + SEQUENCE) / 2, pushed);
    cells.storeFloat64((place + PRIORITY) / 2, entry.priority);
    write((place + BYTES) * 4);
    // SYNC POINT entry-put: from here on it is there.
    cells.store(place + FULL, 1);
    cells.storeFloat64((this.#base + PUSHED) / 2, pushed + 1);
    this.#rise(count, index);
    cells.store(this.#base + COUNT, count + 1);
  }

  /** The message that comes out next; undefined when there is none. */
  peek(): EntryView | undefined {
    return this.count === 0 ? undefined : this.#view(this.#cells.load(this.#heap));
  }

  /** Takes out what {@link peek} has found. */
  take({ place }: EntryView): void {
    const cells = this.#cells;
    // SYNC POINT entry-taken: its bytes were read before.
    cells.store(this.#place(place) + FULL, 0);
    const left = this.count - 1;
    const last = cells.load(this.#heap + left);
    cells.store(this.#base + COUNT, left);
    cells.store(this.#free + this.#places - 1 - left, place);
    if (left > 0) this.#sink(last, left);
  }

  /** Makes anew what follows from the places. */
  mend(): void {
    const cells = this.#cells;
    const places = this.#places;
    let count = 0;
    let free = 0;
    for (let index = 0; index < places; index++) {
      const place = this.#place(index);
      if (cells.load(place + FULL) === 0) {
        cells.store(this.#free + free++, index);
        continue;
      }
      if (cells.loadFloat64((place + SEQUENCE) / 2) === this.pushed)
        cells.storeFloat64((this.#base + PUSHED) / 2, this.pushed + 1);
      this.#rise(count++, index);
    }
    cells.store(this.#base + COUNT, count);
  }

  /** The cell that refers to the table's memory. */
  get tableCell(): number {
    return this.#base + TABLE;
  }

  get #places(): number {
    return this.#cells.load(this.#base + PLACES);
  }

  #place(index: number): number {
    return (this.#cells.load(this.#base + TABLE) >>> 0) / 4 + index * PLACE_CELLS;
  }

  /** First cell of the heap. */
  get #heap(): number {
    return this.#place(this.#places);
  }

  /** First cell of the list of free places: as many of it count as places are free. */
  get #free(): number {
    return this.#heap + this.#places;
  }

  #view(index: number, place = this.#place(index)): EntryView {
    const cells = this.#cells;
    return {
      place: index,
      kind: cells.load(place + KIND),
      length: cells.load(place + LENGTH),
      number: cells.load(place + NUMBER),
      priority: cells.loadFloat64((place + PRIORITY) / 2),
      byteOffset: (place + BYTES) * 4,
    };
  }

  #comesBefore(index: number, other: number): boolean {
    const cells = this.#cells;
    const [one, two] = [this.#place(index), this.#place(other)];
    return this.#before(
      cells.loadFloat64((one + PRIORITY) / 2),
      cells.loadFloat64((one + SEQUENCE) / 2),
      cells.loadFloat64((two + PRIORITY) / 2),
      cells.loadFloat64((two + SEQUENCE) / 2),
    );
  }

  /** Enters a place into the heap, from the end of it upwards. */
  #rise(end: number, index: number): void {
    const cells = this.#cells;
    const heap = this.#heap;
    let at = end;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = cells.load(heap + parent);
      if (!this.#comesBefore(index, above)) break;
      cells.store(heap + at, above);
      at = parent;
    }
    cells.store(heap + at, index);
  }

  /** Enters a place into the heap of `count` entries, from its top downwards. */
  #sink(index: number, count: number): void {
    const cells = this.#cells;
    const heap = this.#heap;
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      let below = cells.load(heap + child);
      const sibling = child + 1 < count ? cells.load(heap + child + 1) : below;
      if (sibling !== below && this.#comesBefore(sibling, below)) {
        below = sibling;
        child++;
      }
      if (!this.#comesBefore(below, index)) break;
      cells.store(heap + at, below);
      at = child;
    }
    cells.store(heap + at, index);
  }

  /**
   * Moves everything into a table of twice as many places: there is no free one. The two stores at its end are apart, in an order in which one of
   * them alone does no harm: the new table with the old number of places has the same messages, and {@link mend} finds its heap elsewhere.
   */
  #grow(): void {
    const cells = this.#cells;
    const [before, places] = [this.#cells.load(this.#base + TABLE) >>> 0, this.#places];
    const table = this.#arena.allocate(2 * places * (PLACE_CELLS + 2) * 4);
    const bytes = new Uint8Array(places * PLACE_CELLS * 4);
    cells.copyOut(before, bytes);
    cells.copyIn(table, bytes);
    const heap = table / 4 + 2 * places * PLACE_CELLS;
    for (let at = 0; at < places; at++) {
      cells.store(heap + at, cells.load(this.#heap + at));
      cells.store(heap + 2 * places + at, places + at);
    }
    cells.store(this.#base + TABLE, table);
    cells.store(this.#base + PLACES, 2 * places);
    this.#arena.free(before);
  }
}
