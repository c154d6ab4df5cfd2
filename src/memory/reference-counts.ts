/**
 * How many references there are to an object, changed so that it can be told afterwards of a process that was killed in the middle whether
 * it had done so. A change goes with a cell that says for whom the reference is: counted first, and then the cell is written.
 *
 * ```
 * count   reference count: 21 bits | turn: 1 bit | index of the slot that changed it last: 10 bits
 *
 * slot    changingCell     where it is to be written that the reference is there, or no longer; 0 for nowhere
 *         changingObject   the object | what becomes of the cell; 0 when nothing is under way
 *         changingTurn     number of the change | turn: 1 bit | seen: 1 bit
 * ```
 *
 * A process says what it is about to change, and then does so by one compare-and-exchange that leaves its index and turn in the count. Whoever is
 * about to overwrite those first marks the change as `seen` in the slot of the process that made it, if that has not gone on meanwhile.
 * A change has happened if it was seen or if the count still bears its index and turn. Two changes of the same process that follow each other
 * in one count have different turns. Progress: lock-free.
 *
 * The last reference is still counted while the object is freed, and its cell emptied in the step that frees the object's own memory: so whoever
 * finishes the freeing in the place of a process that was killed finds it there.
 *
 * Source: the detectable compare-and-swap of Ben-David, Blelloch, Friedman and Wei (Delay-Free Concurrency on Faulty Persistent Memory, SPAA 2019).
 */
import type { Arena } from './arena.ts';
import type { Cells } from './cells.ts';
import { FIELD, fieldCell, INDEX_MASK, slotCell } from './slot-layout.ts';

const COUNT_MASK = (1 << 21) - 1;
const TURN_SHIFT = 21;
const INDEX_SHIFT = 22;

const SEEN = 1;
const TURN = 2;
const NUMBER_STEP = 4;

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
    return this.#cells.load(this.#countCell(object)) & COUNT_MASK;
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
    this.#begin(chunk, cell, FREED, 0);
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
    const turn = this.#cells.load(fieldCell(id, FIELD.changingTurn));
    if ((turn & SEEN) !== 0) return true;
    const word = this.#cells.load(this.#countCell(object));
    return word >>> INDEX_SHIFT === (id & INDEX_MASK) && turnIn(word) === (turn & TURN);
  }

  /** Returns how many there were. Nothing changes when there were fewer than `least`. */
  #change(object: number, by: 1 | -1, cell: number, mark: number, least = 1): number {
    const cells = this.#cells;
    const countCell = this.#countCell(object);
    const index = this.#self & INDEX_MASK;
    let word = cells.load(countCell);
    const turn = word >>> INDEX_SHIFT === index && turnIn(word) === TURN ? 0 : TURN;
    this.#begin(object, cell, mark, turn);
    while ((word & COUNT_MASK) >= least) {
      this.#see(object, word);
      const changed = ((word & COUNT_MASK) + by) | ((turn / TURN) << TURN_SHIFT) | (index << INDEX_SHIFT);
      const found = cells.compareExchange(countCell, word, changed);
      if (found === word) {
        if (cell !== 0) cells.store(cell, mark === EMPTIED ? 0 : object | mark);
        break;
      }
      word = found;
    }
    this.#end();
    return word & COUNT_MASK;
  }

  #begin(object: number, cell: number, mark: number, turn: number): void {
    if (this.#self === 0) return;
    const cells = this.#cells;
    const turnCell = fieldCell(this.#self, FIELD.changingTurn);
    cells.store(fieldCell(this.#self, FIELD.changingCell), cell);
    cells.store(turnCell, ((cells.load(turnCell) & ~(TURN | SEEN)) + NUMBER_STEP) | turn);
    cells.store(fieldCell(this.#self, FIELD.changingObject), object | mark);
  }

  #end(): void {
    if (this.#self !== 0) this.#cells.store(fieldCell(this.#self, FIELD.changingObject), 0);
  }

  /** Tells who changed the count to what it is now that this was seen, if it needs to know. */
  #see(object: number, word: number): void {
    const cells = this.#cells;
    const base = slotCell(word >>> INDEX_SHIFT);
    const turn = cells.load(base + FIELD.changingTurn);
    if ((turn & SEEN) !== 0 || (turn & TURN) !== turnIn(word)) return;
    const marked = cells.load(base + FIELD.changingObject) >>> 0;
    if (marked - (marked & MARK_MASK) !== object || cells.load(base + FIELD.changingTurn) !== turn) return;
    cells.compareExchange(base + FIELD.changingTurn, turn, turn | SEEN);
  }

  #countCell(object: number): number {
    return (object + this.#countBytes) / 4;
  }
}

function turnIn(word: number): number {
  return ((word >>> TURN_SHIFT) & 1) * TURN;
}
