/**
 * One of the two ends of a pipe, as a place in what they share: who holds it, and whether anybody does.
 *
 * ```
 * cell  0 object    byte offset of the object that stands for this end
 *       1 closed    1 when everybody has closed it
 *       2 version   counts who begins and ceases to hold it
 *      16 holders   a byte per slot (holders.ts)
 * ```
 *
 * An end is gone when it was closed by everybody, or when all who hold it have ended and no reference to it is under way. References are counted
 * in the end's own object, whose memory is another's once `closed` is set: what was read there counts only if it is not set afterwards.
 * `version` changes before anybody begins or ceases to hold the end, so that a look at all holders in turn cannot miss one who got it in between.
 */
import { HOLDER_CELLS, Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';

export type End = 0 | 1;

const OBJECT = 0;
const CLOSED = 1;
const VERSION = 2;
const HOLDERS = 16;
export const END_CELLS = HOLDERS + HOLDER_CELLS;

/** One end of a pipe, as anybody sees it: who holds it, and whether anybody does. */
export class PipeEnd {
  readonly #memory: LabMemory;
  readonly #base: number;
  readonly #holders: Holders;
  /** One who held it when last looked for: most of the time it still does. */
  #known = 0;

  /** @param base first of its END_CELLS cells */
  constructor(memory: LabMemory, base: number) {
    this.#memory = memory;
    this.#base = base;
    this.#holders = new Holders(memory.cells, base + HOLDERS);
  }

  /** Says which object stands for this end. */
  bind(offset: number): void {
    this.#memory.cells.store(this.#base + OBJECT, offset);
  }

  /** This process holds it from now on. */
  join(): void {
    this.#memory.cells.add(this.#base + VERSION, 1);
    this.#holders.add(this.#memory.self);
  }

  /** A process holds it no longer: this one, or one that has ended. */
  leave(id = this.#memory.self): void {
    this.#memory.cells.add(this.#base + VERSION, 1);
    this.#holders.remove(id);
  }

  /** Nobody will ever hold it again. */
  end(): void {
    this.#memory.cells.store(this.#base + CLOSED, 1);
  }

  /** Differs once anybody has begun or ceased to hold it. */
  get versionCell(): number {
    return this.#base + VERSION;
  }

  /** Whether everybody has closed it. */
  get closed(): boolean {
    return this.#memory.cells.load(this.#base + CLOSED) === 1;
  }

  /** Whether nobody has it any more. @param thorough as in {@link SlotTable.isAlive} */
  gone(thorough: boolean): boolean {
    const { cells, self, slots } = this.#memory;
    if (this.closed) return true;
    if (this.#known !== 0 && this.#holders.has(this.#known) && slots.isAlive(this.#known, thorough)) return false;
    if (this.#holders.has(self)) return false;
    const version = cells.load(this.#base + VERSION);
    if (!this.underWay && !this.#findHolder(thorough) && !this.underWay)
      return this.closed || cells.load(this.#base + VERSION) === version;
    return this.closed;
  }

  /** Whether nobody but this process has it. */
  mineAlone(thorough: boolean): boolean {
    return this.#holders.has(this.#memory.self) && !this.underWay && !this.#findHolder(thorough);
  }

  /** Whether somebody who does not hold it yet is about to. */
  get underWay(): boolean {
    const { cells, objects } = this.#memory;
    return objects.references(cells.load(this.#base + OBJECT) >>> 0) > this.#holders.count();
  }

  /** Whether another living process holds it. */
  #findHolder(thorough: boolean): boolean {
    const { slots, self } = this.#memory;
    for (const id of slots.ids()) {
      if (id === self || !this.#holders.has(id) || !slots.isAlive(id, thorough)) continue;
      this.#known = id;
      return true;
    }
    return false;
  }
}
