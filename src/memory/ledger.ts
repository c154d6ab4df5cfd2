/**
 * What a process has that must be given back when it ends, in whatever way: every handle of its own, and memory that is not part of anything
 * yet. It lies in shared memory, so that whoever sees the end can do it.
 *
 * ```
 * slot   ledger   first block, 0 for none
 *        loose    a block that is just being linked in or has just been taken out
 *
 * block  cell 0 next   byte offset, 0 for none
 *             1 … 63   entries: 0, or a byte offset | what it stands for
 * ```
 *
 * One process writes its ledger; when it has ended, one other reads it and empties it. Each entry is there from one store on and gone from
 * another; a block that is loose counts only if the arena says that the process still has it.
 */
import type { Arena } from './arena.ts';
import type { Cells } from './cells.ts';
import { FIELD, fieldCell } from './slot-layout.ts';

/** What an entry stands for. */
export const ENTRY = {
  /** Memory that the process has allocated, if the arena says so too, and that nothing refers to yet. */
  chunk: 1,
  /** A reference to an object: a handle of the process. */
  handle: 2,
  /** An encoded value in the hands of the process (parcels.ts), if the arena says so too. */
  parcel: 3,
  /** An object that the process is just making, of parts that it has allocated. */
  unfinished: 4,
} as const;

const MARK_MASK = 63;
const NEXT = 0;
const BLOCK_CELLS = 64;

interface Block {
  readonly byteOffset: number;
  /** Cells of entries that are free. */
  readonly free: number[];
}

export class Ledger {
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #self: number;
  /** The latest first, as they are linked. */
  readonly #blocks: Block[] = [];
  /** By the cell of an entry in use: the block in which it lies. */
  readonly #used = new Map<number, Block>();
  /** Blocks that may have free entries. */
  #gaps: Block[] = [];

  constructor(cells: Cells, arena: Arena, self: number) {
    this.#cells = cells;
    this.#arena = arena;
    this.#self = self;
  }

  /** The cell of an entry that is free, and from now on the caller's. @throws IpcError `ERR_IPC_OUT_OF_MEMORY` */
  reserve(): number {
    while ((this.#gaps.at(-1)?.free.length ?? 1) === 0) this.#gaps.pop();
    const block = this.#gaps.at(-1) ?? this.#grow();
    const cell = block.free.pop() as number;
    this.#used.set(cell, block);
    return cell;
  }

  /** Makes an entry free again. */
  release(cell: number): void {
    const block = this.#used.get(cell);
    if (block === undefined) return;
    this.#cells.store(cell, 0);
    this.#used.delete(cell);
    if (block.free.length === 0) this.#gaps.push(block);
    block.free.push(cell);
    if (block.free.length === BLOCK_CELLS - 1) this.#takeOut(block);
  }

  #grow(): Block {
    const cells = this.#cells;
    const first = fieldCell(this.#self, FIELD.ledger);
    const loose = fieldCell(this.#self, FIELD.loose);
    let byteOffset: number;
    try {
      byteOffset = this.#arena.allocate(BLOCK_CELLS * 4, (offset) => cells.store(loose, offset));
      cells.store(byteOffset / 4 + NEXT, cells.load(first));
      cells.store(first, byteOffset);
    } finally {
      // Also if there was no memory: what was tried may be allocated for something else later.
      cells.store(loose, 0);
    }
    const free = Array.from({ length: BLOCK_CELLS - 1 }, (_, i) => byteOffset / 4 + BLOCK_CELLS - 1 - i);
    const block = { byteOffset, free };
    this.#blocks.unshift(block);
    this.#gaps.push(block);
    return block;
  }

  #takeOut(block: Block): void {
    const cells = this.#cells;
    const at = this.#blocks.indexOf(block);
    const link = at === 0 ? fieldCell(this.#self, FIELD.ledger) : (this.#blocks[at - 1] as Block).byteOffset / 4 + NEXT;
    cells.store(fieldCell(this.#self, FIELD.loose), block.byteOffset);
    cells.store(link, cells.load(block.byteOffset / 4 + NEXT));
    this.#arena.free(block.byteOffset);
    cells.store(fieldCell(this.#self, FIELD.loose), 0);
    this.#blocks.splice(at, 1);
    this.#gaps = this.#gaps.filter((each) => each !== block);
  }
}

/** The ledger of a process that has ended, in the hands of who gives back what is in it. */
export class ClosedLedger {
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #owner: number;

  constructor(cells: Cells, arena: Arena, owner: number) {
    this.#cells = cells;
    this.#arena = arena;
    this.#owner = owner;
  }

  /** Empties it of the entries of one kind, each before `giveBack` is called with the offset in it. */
  takeOut(kind: number, giveBack: (byteOffset: number) => void): void {
    for (const block of this.#blocks()) {
      for (let cell = block / 4 + 1; cell < block / 4 + BLOCK_CELLS; cell++) {
        const entry = this.#cells.load(cell) >>> 0;
        if ((entry & MARK_MASK) !== kind) continue;
        this.#cells.store(cell, 0);
        giveBack(entry - kind);
      }
    }
  }

  /** Frees its own memory: it is empty. */
  free(): void {
    const looseCell = fieldCell(this.#owner, FIELD.loose);
    const loose = this.#cells.load(looseCell) >>> 0;
    const blocks = [...this.#blocks()];
    this.#cells.store(fieldCell(this.#owner, FIELD.ledger), 0);
    this.#cells.store(looseCell, 0);
    if (loose !== 0 && !blocks.includes(loose) && this.#arena.isOwn(loose, this.#owner)) blocks.push(loose);
    for (const block of blocks) this.#arena.free(block);
  }

  *#blocks(): Generator<number> {
    let block = this.#cells.load(fieldCell(this.#owner, FIELD.ledger)) >>> 0;
    for (; block !== 0; block = this.#cells.load(block / 4 + NEXT) >>> 0) yield block;
  }
}
