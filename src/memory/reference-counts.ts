/**
 * How many references there are to an object, changed so that it can be told afterwards of a process that was killed in the middle whether
 * it had done so. A change goes with a cell that says for whom the reference is: counted first, and then the cell is written.
 *
 * ```
 * count   reference count: 32 bits | number of the change: 22 bits, index of the slot that made it: 10 bits; together 64 bits
 *
 * slot    changingCell     where it is to be written that the reference is there, or no longer; 0 for nowhere
 *         changingObject   the object | what becomes of the cell; 0 when nothing is under way
 *         changingNumber   number of the change: 31 bits | seen: 1 bit
 * ```
 *
 * A process says what it is about to change, and then does so by one compare-and-exchange that leaves its index and the number of the change with
 * the count. Whoever is about to overwrite those first marks the change as `seen` in the slot of the process that made it, if that has not gone
 * on meanwhile. A change has happened if it was seen or if the count still bears its index and number. Who stands still between its look at a
 * count and its exchange can be misled only by one process that makes exactly 4,194,304 changes meanwhile. Progress: lock-free.
 *
 * The last reference is still counted while the object is freed, and its cell emptied in the step that frees the object's own memory: so whoever
 * finishes the freeing in the place of a process that was killed finds it there.
 *
 * Source: the detectable compare-and-swap of Ben-David, Blelloch, Friedman and Wei (Delay-Free Concurrency on Faulty Persistent Memory, SPAA 2019).
 */
import type { Arena } from './arena.ts';
import type { Cells } from './cells.ts';
import { FIELD, fieldCell, INDEX_MASK, slotCell } from './slot-layout.ts';

const NUMBER_SHIFT = 10;
const NUMBER_MASK = (1 << 22) - 1;
const COUNT_BITS = 32;

const SEEN = 1;
const SEEN_BITS = 1;
const NUMBER_STEP = 1 << SEEN_BITS;

/** In the place of what a cell is to hold: it is emptied; or the memory it referred to is freed, too. */
const EMPTIED = 63;
const FREED = 62;
const MARK_MASK = 63;

export class ReferenceCounts {
  readonly #cells: Cells;
  /** Byte offset from an object to its count. */
  readonly #countBytes: number;
  readonly #self: number;

  /** @param self slot id of this process; 0 for one whose end nobody will look into */
  constructor(cells: Cells, countBytes: number, self: number) {
    this.#cells = cells;
    this.#countBytes = countBytes;
    this.#self = self;
  }

  count(object: number): number {
    return this.#cells.load(this.#countCell(object)) >>> 0;
  }

  /** Counts one reference more. False: there is none any more. @param cell then gets `object | mark` */
  add(object: number, cell = 0, mark = 0): boolean {
    return this.#change(object, 1, cell, mark) > 0;
  }

  /** Counts one reference less unless it is the last. False: it is, and nobody else can get another. @param cell is then emptied */
  subtract(object: number, cell = 0): boolean {
    return this.#change(object, -1, cell, EMPTIED, 2) > 1;
  }

  /** Frees the memory that a cell refers to and empties the cell: as one step, whenever the process is killed. */
  free(arena: Arena, chunk: number, cell = 0): void {
    // What the arena says of it tells afterwards whether it was freed.
    arena.adopt(chunk);
    this.#begin(chunk, cell, FREED);
    if (cell !== 0) this.#cells.store(cell, 0);
    arena.free(chunk);
    this.#end();
  }

  /** Completes what a process was changing when it ended, if it had. */
  settle(id: number, arena: Arena): void {
    const cells = this.#cells;
    const objectCell = fieldCell(id, FIELD.changingObject);
    const marked = cells.load(objectCell) >>> 0;
    if (marked === 0) return;
    const mark = marked & MARK_MASK;
    const object = marked - mark;
    const cell = cells.load(fieldCell(id, FIELD.changingCell));
    const done = mark === FREED || this.#happened(id, object);
    if (done && cell !== 0) cells.store(cell, mark === EMPTIED || mark === FREED ? 0 : marked);
    if (mark === FREED && arena.isOwn(object, id)) arena.free(object);
    cells.store(objectCell, 0);
  }

  #happened(id: number, object: number): boolean {
    const number = this.#cells.load(fieldCell(id, FIELD.changingNumber));
    const changedBy = this.#cells.load(this.#countCell(object) + 1) >>> 0;
    return (number & SEEN) !== 0 || changedBy === signature(number, id & INDEX_MASK);
  }

  /** Returns how many there were. Nothing changes when there were fewer than `least`. */
  #change(object: number, by: 1 | -1, cell: number, mark: number, least = 1): number {
    const cells = this.#cells;
    const countCell = this.#countCell(object);
    const ours = BigInt(signature(this.#begin(object, cell, mark), this.#self & INDEX_MASK)) << BigInt(COUNT_BITS);
    let word = cells.loadBigInt64(countCell / 2);
    while (countIn(word) >= least) {
      this.#see(object, word);
      const changed = BigInt.asIntN(64, ours | BigInt(countIn(word) + by));
      const found = cells.compareExchangeBigInt64(countCell / 2, word, changed);
      if (found === word) {
        if (cell !== 0) cells.store(cell, mark === EMPTIED ? 0 : object | mark);
        break;
      }
      word = found;
    }
    this.#end();
    return countIn(word);
  }

  /** Returns the number of the change. */
  #begin(object: number, cell: number, mark: number): number {
    if (this.#self === 0) return 0;
    const cells = this.#cells;
    const numberCell = fieldCell(this.#self, FIELD.changingNumber);
    const number = (cells.load(numberCell) & ~SEEN) + NUMBER_STEP;
    cells.store(fieldCell(this.#self, FIELD.changingCell), cell);
    cells.store(numberCell, number);
    cells.store(fieldCell(this.#self, FIELD.changingObject), object | mark);
    return number;
  }

  #end(): void {
    if (this.#self !== 0) this.#cells.store(fieldCell(this.#self, FIELD.changingObject), 0);
  }

  /** Tells who changed the count to what it is now that this was seen, if it needs to know. */
  #see(object: number, word: bigint): void {
    const cells = this.#cells;
    const changedBy = Number(BigInt.asUintN(32, word >> BigInt(COUNT_BITS)));
    const base = slotCell(changedBy & INDEX_MASK);
    const number = cells.load(base + FIELD.changingNumber);
    if ((number & SEEN) !== 0 || signature(number, changedBy & INDEX_MASK) !== changedBy) return;
    const marked = cells.load(base + FIELD.changingObject) >>> 0;
    if (marked - (marked & MARK_MASK) !== object || cells.load(base + FIELD.changingNumber) !== number) return;
    cells.compareExchange(base + FIELD.changingNumber, number, number | SEEN);
  }

  /** Even: a count and who changed it last are exchanged together. */
  #countCell(object: number): number {
    return (object + this.#countBytes) / 4;
  }
}

function countIn(word: bigint): number {
  return Number(BigInt.asUintN(COUNT_BITS, word));
}

/** What stands beside a count: which change it was, and whose. */
function signature(number: number, index: number): number {
  return ((((number >> SEEN_BITS) & NUMBER_MASK) << NUMBER_SHIFT) | index) >>> 0;
}
