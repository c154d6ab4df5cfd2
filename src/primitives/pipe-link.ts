/**
 * What the two ends of a pipe have between them: a shared object of its own, to which both refer, so that it lives until both ends are closed
 * by everybody.
 *
 * ```
 * cell  4 duplex   1 when there are two lanes; after the header of all shared objects
 *      16 lane 0   a channel (channel.ts) from end 1 to end 0
 *     112 lane 1   the other way round
 *     208 end 0    object, closed, version; from its cell 16 on a byte per slot: who holds it (holders.ts)
 *     480 end 1
 * ```
 *
 * An end is gone when it was closed by everybody, or when all who hold it have ended and no reference to it is under way. References are counted
 * in the end's own object, whose memory is another's once `closed` is set: what was read there counts only if it is not set afterwards.
 * `version` changes before anybody begins or ceases to hold the end, so that a look at all holders in turn cannot miss one who got it in between.
 */
import { HOLDER_CELLS, Holders } from '../memory/holders.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT, type SharedObject } from '../memory/objects.ts';
import { CHANNEL_CELLS } from './channel-cells.ts';
import { freeChannel, initializeChannel } from './channel-parts.ts';
import { UNBOUNDED } from './message-ring.ts';
import { KIND } from './primitive.ts';

export type End = 0 | 1;

const DUPLEX = 4;
const LANES = 16;
const END_STATES = LANES + 2 * CHANNEL_CELLS;
const OBJECT = 0;
const CLOSED = 1;
const VERSION = 2;
const HOLDERS = 16;
const END_CELLS = HOLDERS + HOLDER_CELLS;
const LINK_CELLS = END_STATES + 2 * END_CELLS;

/** Makes what two ends share. @param start as in {@link initializeChannel} */
export function createLink(
  memory: LabMemory,
  duplex: boolean,
  sizeBytes: number,
  name: string | undefined,
  start: number,
): SharedObject {
  return memory.objects.create(KIND.pipeLink, LINK_CELLS * 4, undefined, (link) => {
    memory.cells.store(link / 4 + DUPLEX, duplex ? 1 : 0);
    for (let lane = 0; lane < (duplex ? 2 : 1); lane++)
      initializeChannel(memory, link / 4 + LANES + lane * CHANNEL_CELLS, sizeBytes, UNBOUNDED, name, start);
    return { [SHARED_OBJECT]: link, [Symbol.dispose]: () => memory.objects.close(link) };
  });
}

/** See {@link Kind.free}. */
export function freeLink(memory: LabMemory, link: number): void {
  for (const end of [0, 1] as const) {
    const lane = laneTo(memory, link, end);
    if (lane !== undefined) freeChannel(memory, lane);
  }
}

/** First cell of the lane that leads to an end; undefined when there is none. */
export function laneTo(memory: LabMemory, link: number, end: End): number | undefined {
  if (end === 1 && memory.cells.load(link / 4 + DUPLEX) === 0) return undefined;
  return link / 4 + LANES + end * CHANNEL_CELLS;
}

/** One end of a pipe, as anybody sees it: who holds it, and whether anybody does. */
export class PipeEnd {
  readonly #memory: LabMemory;
  readonly #base: number;
  readonly #holders: Holders;
  /** One who held it when last looked for: most of the time it still does. */
  #known = 0;

  constructor(memory: LabMemory, link: number, end: End) {
    this.#memory = memory;
    this.#base = link / 4 + END_STATES + end * END_CELLS;
    this.#holders = new Holders(memory.cells, this.#base + HOLDERS);
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
    if (!this.#underWay() && !this.#findHolder(thorough) && !this.#underWay())
      return this.closed || cells.load(this.#base + VERSION) === version;
    return this.closed;
  }

  /** Whether nobody but this process has it. */
  mineAlone(thorough: boolean): boolean {
    return this.#holders.has(this.#memory.self) && !this.#underWay() && !this.#findHolder(thorough);
  }

  #underWay(): boolean {
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
