/**
 * The allocator of a lab's segment: any process may allocate and free, at any time, and be killed at any instant.
 *
 * ```
 * chunk map, two cells per granule; the first granule of a chunk speaks for the whole:
 *   state   0                        not the start of a chunk
 *           (class + 1) << 24 | 0    a free chunk of that size class
 *           (class + 1) << 24 | id   in use, allocated by the process with that slot id
 *   next    the next older chunk of the same class (granule + 1; 0 ends the chain)
 * ```
 *
 * A chunk is cut once from the front of the arena (`arenaTop`), gets its size class for good and is pushed onto the chain of that
 * class, from which it never leaves. Allocating is one compare-and-exchange of a state from free to ours, freeing one from ours
 * to free: there is no other truth. Hence
 *
 * - a kill loses at most what the dead process was about to get (and the chunk map says whose it was);
 * - nothing pops a list, so there is no ABA problem and no tag to run out;
 * - what a user scribbles into freed memory cannot hurt the allocator: the map lies elsewhere.
 *
 * Head, hint and free count of a class only make the search short. Progress: lock-free. There is no coalescing: sizes come in four
 * steps per doubling (at most a quarter is lost to rounding), and when the front is used up, a free chunk of a larger class will do.
 */
import { IpcError } from '../core/errors.ts';
import type { Cells } from './cells.ts';
import {
  type ArenaExtent,
  arenaExtent,
  CHUNK_MAP_ENTRY_BYTES,
  CHUNK_MAP_OFFSET,
  CLASS_COUNT,
  CLASS_FREE_CELL,
  CLASS_HEADS_CELL,
  CLASS_HINTS_CELL,
  GRANULE_BYTES,
  HEADER,
} from './layout.ts';

const CLASS_SHIFT = 24;
const OWNER_MASK = (1 << CLASS_SHIFT) - 1;
/** Memory is asked of the system in steps of this many granules (256 KiB). */
const COMMIT_GRANULES = 4096;

/** A chunk of this size or more gives its memory back when it is freed: a large message must not cost for ever. */
const LARGE_BYTES = 1024 * 1024;

/** How memory gets behind a range of the segment and away from it again; {@link Segment} is one. Both say whether it worked. */
export interface Backing {
  commit(byteOffset: number, sizeBytes: number): boolean;
  decommit(byteOffset: number, sizeBytes: number): boolean;
}

/** A chunk as the chunk map tells it. */
export interface Chunk {
  readonly byteOffset: number;
  readonly sizeBytes: number;
  /** Slot id of the process that allocated it; 0 when free. */
  readonly owner: number;
}

export class Arena {
  readonly #cells: Cells;
  readonly #backing: Backing;
  readonly #self: number;
  readonly #extent: ArenaExtent;

  /** @param self slot id of this process, which marks what it allocates. */
  constructor(cells: Cells, segmentSizeBytes: number, self: number, backing: Backing) {
    this.#cells = cells;
    this.#backing = backing;
    this.#self = self;
    this.#extent = arenaExtent(segmentSizeBytes);
  }

  /** How many bytes the largest object may have, were the arena empty. */
  get capacityBytes(): number {
    return this.#extent.granules * GRANULE_BYTES;
  }

  /**
   * Returns the byte offset of `sizeBytes` zeroed bytes that start a cache line and share none.
   * @param note called with the offset before the chunk becomes ours, perhaps for several: that it was then {@link isOwn} tells
   * @throws IpcError `ERR_IPC_OUT_OF_MEMORY`
   */
  allocate(sizeBytes: number, note?: (byteOffset: number) => void): number {
    const granules = Math.max(1, Math.ceil(sizeBytes / GRANULE_BYTES));
    const sizeClass = classOf(granules);
    let chunk = sizeClass < CLASS_COUNT ? this.#reuse(sizeClass, false, note) : undefined;
    chunk ??= sizeClass < CLASS_COUNT ? this.#cut(sizeClass, note) : undefined;
    for (let c = sizeClass; chunk === undefined && c < CLASS_COUNT; c++) chunk = this.#reuse(c, true, note);
    if (chunk === undefined) throw this.#full(sizeBytes);
    return this.#offsetOf(chunk);
  }

  /** Makes a chunk that is in use ours, as if we had allocated it. @returns false: it is not in use */
  adopt(byteOffset: number): boolean {
    const stateCell = this.#stateCell(this.#chunkAt(byteOffset));
    for (;;) {
      const state = this.#cells.load(stateCell);
      if ((state & OWNER_MASK) === 0) return false;
      if (this.#cells.compareExchange(stateCell, state, (state & ~OWNER_MASK) | this.#self) === state) return true;
    }
  }

  /** Whether a chunk is in use and was allocated, or taken over, by the process with that slot id. */
  isOwn(byteOffset: number, owner: number): boolean {
    return (this.#cells.load(this.#stateCell(this.#chunkAt(byteOffset))) & OWNER_MASK) === owner;
  }

  /**
   * Frees what {@link allocate} returned, by whichever process.
   * @throws IpcError `ERR_IPC_CLOSED` when it is not in use (freed twice).
   */
  free(byteOffset: number): void {
    const chunk = this.#chunkAt(byteOffset);
    const stateCell = this.#stateCell(chunk);
    for (;;) {
      const state = this.#cells.load(stateCell);
      if ((state & OWNER_MASK) === 0) throw new IpcError('ERR_IPC_CLOSED', `the memory at ${byteOffset} is not in use`);
      const sizeClass = (state >>> CLASS_SHIFT) - 1;
      const sizeBytes = granulesOf(sizeClass) * GRANULE_BYTES;
      if (sizeBytes >= LARGE_BYTES) this.#backing.decommit(byteOffset, sizeBytes);
      if (this.#cells.compareExchange(stateCell, state, state & ~OWNER_MASK) !== state) continue;
      this.#cells.add(CLASS_FREE_CELL + sizeClass, 1);
      this.#cells.store(CLASS_HINTS_CELL + sizeClass, chunk + 1);
      return;
    }
  }

  /** Every chunk that was ever cut, oldest first; a chunk that a killed process never finished cutting is skipped. */
  *chunks(): Generator<Chunk> {
    const top = this.#cells.load(HEADER.arenaTop);
    for (let granule = 0; granule < top; ) {
      const state = this.#cells.load(this.#stateCell(granule));
      if (state === 0) {
        granule++;
        continue;
      }
      const granules = granulesOf((state >>> CLASS_SHIFT) - 1);
      yield {
        byteOffset: this.#extent.dataOffset + granule * GRANULE_BYTES,
        sizeBytes: granules * GRANULE_BYTES,
        owner: state & OWNER_MASK,
      };
      granule += granules;
    }
  }

  /** Bytes in use, rounded up to what their chunks hold. */
  usedBytes(): number {
    let used = 0;
    for (const chunk of this.chunks()) if (chunk.owner !== 0) used += chunk.sizeBytes;
    return used;
  }

  /** Takes a free chunk of a class. `thorough` looks at every chunk, whatever the free count says. */
  #reuse(sizeClass: number, thorough: boolean, note?: (byteOffset: number) => void): number | undefined {
    const cells = this.#cells;
    const freeCell = CLASS_FREE_CELL + sizeClass;
    const free = cells.load(freeCell);
    if (free <= 0 && !thorough) return undefined;
    const head = cells.load(CLASS_HEADS_CELL + sizeClass);
    const hint = cells.load(CLASS_HINTS_CELL + sizeClass);
    const chunk = this.#claimBetween(hint, 0, sizeClass, note) ?? this.#claimBetween(head, hint, sizeClass, note);
    if (chunk === undefined) {
      // A process was killed before it could count: without this, every later search would be as long and as vain.
      cells.compareExchange(freeCell, free, 0);
      return undefined;
    }
    cells.add(freeCell, -1);
    cells.store(CLASS_HINTS_CELL + sizeClass, cells.load(this.#nextCell(chunk)));
    const byteOffset = this.#offsetOf(chunk);
    const sizeBytes = granulesOf(sizeClass) * GRANULE_BYTES;
    if (sizeBytes >= LARGE_BYTES && !this.#backing.commit(byteOffset, sizeBytes)) {
      this.free(byteOffset);
      return undefined;
    }
    cells.clear(byteOffset, sizeBytes);
    return chunk;
  }

  /** Walks the chain from one link to another (exclusive) and makes the first free chunk ours. */
  #claimBetween(
    from: number,
    to: number,
    sizeClass: number,
    note: ((byteOffset: number) => void) | undefined,
  ): number | undefined {
    const freeState = (sizeClass + 1) << CLASS_SHIFT;
    for (let link = from; link !== to && link !== 0; ) {
      const chunk = link - 1;
      const stateCell = this.#stateCell(chunk);
      if (this.#cells.load(stateCell) === freeState) {
        note?.(this.#offsetOf(chunk));
        if (this.#cells.compareExchange(stateCell, freeState, freeState | this.#self) === freeState) return chunk;
      }
      link = this.#cells.load(this.#nextCell(chunk));
    }
    return undefined;
  }

  /** Cuts a new chunk from the front. */
  #cut(sizeClass: number, note?: (byteOffset: number) => void): number | undefined {
    const cells = this.#cells;
    const granules = granulesOf(sizeClass);
    let chunk: number;
    do {
      chunk = cells.load(HEADER.arenaTop);
      if (chunk + granules > this.#extent.granules || !this.#ensureCommitted(chunk + granules)) return undefined;
    } while (cells.compareExchange(HEADER.arenaTop, chunk, chunk + granules) !== chunk);
    note?.(this.#offsetOf(chunk));
    cells.store(this.#stateCell(chunk), ((sizeClass + 1) << CLASS_SHIFT) | this.#self);
    const headCell = CLASS_HEADS_CELL + sizeClass;
    let head: number;
    do {
      head = cells.load(headCell);
      cells.store(this.#nextCell(chunk), head);
    } while (cells.compareExchange(headCell, head, chunk + 1) !== head);
    return chunk;
  }

  #ensureCommitted(top: number): boolean {
    for (;;) {
      const committed = this.#cells.load(HEADER.arenaCommitted);
      if (top <= committed) return true;
      const target = Math.min(Math.ceil(top / COMMIT_GRANULES) * COMMIT_GRANULES, this.#extent.granules);
      const added = target - committed;
      const backed =
        this.#backing.commit(CHUNK_MAP_OFFSET + committed * CHUNK_MAP_ENTRY_BYTES, added * CHUNK_MAP_ENTRY_BYTES) &&
        this.#backing.commit(this.#extent.dataOffset + committed * GRANULE_BYTES, added * GRANULE_BYTES);
      if (!backed) return false;
      this.#cells.compareExchange(HEADER.arenaCommitted, committed, target);
    }
  }

  #offsetOf(chunk: number): number {
    return this.#extent.dataOffset + chunk * GRANULE_BYTES;
  }

  #chunkAt(byteOffset: number): number {
    return (byteOffset - this.#extent.dataOffset) / GRANULE_BYTES;
  }

  #stateCell(granule: number): number {
    return (CHUNK_MAP_OFFSET + granule * CHUNK_MAP_ENTRY_BYTES) / 4;
  }

  #nextCell(granule: number): number {
    return this.#stateCell(granule) + 1;
  }

  #full(sizeBytes: number): IpcError {
    const used = this.usedBytes();
    return new IpcError(
      'ERR_IPC_OUT_OF_MEMORY',
      `no room for ${sizeBytes} bytes of shared memory: ${used} of ${this.capacityBytes} bytes are in use`,
      {
        hint: 'Share less, close what is no longer needed, or give the lab more memory (--memory 2GiB). What was freed is used again for what is as large or smaller.',
      },
    );
  }
}

/** The granules of a chunk of a size class: 1 to 8, then four steps per doubling (10, 12, 14, 16, 20, 24, …). */
function granulesOf(sizeClass: number): number {
  return sizeClass < 8 ? sizeClass + 1 : (5 + ((sizeClass - 8) & 3)) * 2 ** (((sizeClass - 8) >> 2) + 1);
}

/** The smallest size class whose chunks hold that many granules. */
function classOf(granules: number): number {
  if (granules <= 8) return granules - 1;
  const exponent = Math.floor(Math.log2(granules - 1));
  const step = Math.ceil(granules / 2 ** (exponent - 2)) - 4;
  return 8 + (exponent - 3) * 4 + step - 1;
}
