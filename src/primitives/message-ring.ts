/**
 * A ring of records in shared memory, filled at one end and emptied at the other. Each end has a lock of its own, so that a producer and a
 * consumer never wait for each other while there is something to take and room to put.
 *
 * ```
 * cell  0 ring       byte offset of the ring's memory
 *       1 size       of that memory in bytes, a power of two
 *       2 capacity   how many messages it may hold
 *       8 pushed     messages ever put                ┐ written by who holds the put lock
 *       9 settled    the tail to which `pushed` belongs │
 *      10 seen head  the head as last looked at       │
 *      16 tail       bytes ever put, modulo 2^32      ┘
 *      32 head       bytes ever taken                 ┐ written by who holds the get lock
 *      33 popped     messages ever taken              │
 *      34 seen tail  the tail as last looked at       ┘
 *
 * record = kind, length, sequence number, number (4 cells), then `length` bytes, filled up to a multiple of 8
 * ```
 *
 * A record lies in one piece; what is left at the ring's end when the next does not fit is a record of kind `padding`. Counters wrap; only
 * their differences mean anything. A record exists once the tail has passed it (SYNC POINT record-put) and is gone once the head has
 * (SYNC POINT record-taken): a process killed in between has changed nothing that anybody sees. What it may leave behind is a count that
 * is one off; {@link MessageRing.settlePut} and {@link MessageRing.settleGet}, called by whoever takes a lock over from the dead, find
 * the right count from the records, each of which carries its number. `popped` goes up before the head: were it the other way round, a
 * consumer killed in between would leave a ring that is empty, so that no other consumer comes to mend it, and full for its producers.
 *
 * The tail has a cache line to itself: a consumer that looks for the next message takes it away in the very moment in which it has changed, and
 * the producer is to write the rest without it.
 *
 * Each end keeps the other's counter as last seen, which is enough most of the time and keeps the two out of each other's cache lines. What
 * was seen promises too little, never too much, as long as it is less than 2^32 bytes old: hence it lies in shared memory, where every
 * process that holds the end's lock brings it up to date, and not in each process, one of which may sleep while the others go once around.
 *
 * Source: the two-lock queue of Michael and Scott (PODC 1996), with a ring in the place of the list.
 */
import type { Cells } from '../memory/cells.ts';

export const RING_CELLS = 48;
export const RING = 0;
export const SIZE = 1;
const CAPACITY = 2;
const PUSHED = 8;
const SETTLED = 9;
const SEEN_HEAD = 10;
export const TAIL = 16;
export const HEAD = 32;
const POPPED = 33;
const SEEN_TAIL = 34;

/** The capacity of a ring that only its size bounds. */
export const UNBOUNDED = 2 ** 31 - 1;

/** From so many bytes and messages on, half a ring is worth waiting for. */
const LARGE_BYTES = 16 * 1024;
const LARGE_CAPACITY = 256;
const EVERYBODY = 2 ** 31 - 1;

export const RECORD_HEADER_BYTES = 16;
export const PADDING = -1;

/** A record that was found at the head: where its bytes lie, until it is taken. */
export interface RecordView {
  kind: number;
  length: number;
  number: number;
  /** Byte offset of its bytes in the segment. */
  byteOffset: number;
}

export class MessageRing {
  readonly #cells: Cells;
  readonly #base: number;
  readonly #ring: number;
  readonly #size: number;
  readonly capacity: number;
  /** Reused for every record: a fresh object a message would be most of its price. */
  readonly #view: RecordView = { kind: 0, length: 0, number: 0, byteOffset: 0 };
  #next = 0;
  /** Where the record of the last {@link peek} began, with the padding before it. */
  #head = 0;

  /** @param baseCell first of the ring's RING_CELLS cells, initialized by {@link initialize}. */
  constructor(cells: Cells, baseCell: number) {
    this.#cells = cells;
    this.#base = baseCell;
    this.#ring = cells.load(baseCell + RING) >>> 0;
    this.#size = cells.load(baseCell + SIZE);
    this.capacity = cells.load(baseCell + CAPACITY);
  }

  /** Sets up the cells of an empty ring over `sizeBytes` (a power of two) at `byteOffset`. `start` lets tests begin next to the wrap. */
  static initialize(
    cells: Cells,
    baseCell: number,
    byteOffset: number,
    sizeBytes: number,
    capacity: number,
    start = 0,
  ): void {
    cells.store(baseCell + RING, byteOffset);
    cells.store(baseCell + CAPACITY, capacity);
    for (const cell of [TAIL, SETTLED, SEEN_HEAD, HEAD, SEEN_TAIL]) cells.store(baseCell + cell, start & ~7);
    for (const cell of [PUSHED, POPPED]) cells.store(baseCell + cell, start);
    // Last: until then there is no ring.
    cells.store(baseCell + SIZE, sizeBytes);
  }

  /** Whether {@link initialize} has come to its end. */
  get isMade(): boolean {
    return this.#size !== 0;
  }

  /** First of its cells. */
  get baseCell(): number {
    return this.#base;
  }

  /** The cell that refers to the ring's memory. */
  get memoryCell(): number {
    return this.#base + RING;
  }

  /** Changes with every message put: what a consumer sleeps on. */
  get tailCell(): number {
    return this.#base + TAIL;
  }

  /** Changes with every message taken: what a producer sleeps on. */
  get headCell(): number {
    return this.#base + HEAD;
  }

  /** The most bytes a record may carry, so that it fits wherever the ring's end falls. */
  get largestRecordBytes(): number {
    return this.#size / 4;
  }

  /** Messages in the ring; exact when nobody is putting or taking. */
  get count(): number {
    return (this.#cells.load(this.#base + PUSHED) - this.#cells.load(this.#base + POPPED)) | 0;
  }

  /** Messages ever put, modulo 2^32, whoever is putting one or has died doing so. */
  get pushed(): number {
    const cells = this.#cells;
    const base = this.#base;
    for (;;) {
      const tail = cells.load(base + TAIL);
      const settled = cells.load(base + SETTLED);
      const pushed = tail === settled ? cells.load(base + PUSHED) : this.#numberAt(settled) + 1;
      if (cells.load(base + TAIL) === tail && cells.load(base + SETTLED) === settled) return pushed | 0;
    }
  }

  /** The number of the record at a place where one begins. */
  #numberAt(position: number): number {
    let at = this.#ring + (position & (this.#size - 1));
    if (this.#cells.loadInt32(at / 4) === PADDING) at = this.#ring;
    return this.#cells.loadInt32(at / 4 + 2);
  }

  get empty(): boolean {
    const head = this.#cells.load(this.#base + HEAD);
    return this.#cells.load(this.#base + SEEN_TAIL) === head && this.#cells.load(this.#base + TAIL) === head;
  }

  /**
   * Reserves room for a record of `length` bytes; the put lock is held. Returns where its bytes go, or undefined when there is no room.
   * Nothing is visible until {@link commit}.
   */
  reserve(kind: number, length: number, number: number): number | undefined {
    const cells = this.#cells;
    const base = this.#base;
    const tail = cells.load(base + TAIL);
    const pushed = cells.load(base + PUSHED);
    const recordBytes = RECORD_HEADER_BYTES + ((length + 7) & ~7);
    const toEnd = this.#size - (tail & (this.#size - 1));
    const padding = toEnd < recordBytes ? toEnd : 0;
    const mostUsed = this.#size - padding - recordBytes;
    if (((tail - cells.load(base + SEEN_HEAD)) | 0) > mostUsed) {
      const head = cells.load(base + HEAD);
      cells.store(base + SEEN_HEAD, head);
      if (((tail - head) | 0) > mostUsed) return undefined;
    }
    if (this.capacity !== UNBOUNDED && ((pushed - cells.load(base + POPPED)) | 0) >= this.capacity) return undefined;
    let at = this.#ring + (tail & (this.#size - 1));
    if (padding > 0) {
      cells.storeInt32(at / 4, PADDING);
      at = this.#ring;
    }
    cells.storeInt32(at / 4, kind);
    cells.storeInt32(at / 4 + 1, length);
    cells.storeInt32(at / 4 + 2, pushed);
    cells.storeInt32(at / 4 + 3, number);
    this.#next = (tail + padding + recordBytes) | 0;
    return at + RECORD_HEADER_BYTES;
  }

  /** Makes the record of the last {@link reserve} visible. */
  commit(): void {
    const cells = this.#cells;
    // SYNC POINT record-put: whoever sees the new tail sees the record's bytes.
    cells.store(this.#base + TAIL, this.#next);
    cells.store(this.#base + PUSHED, cells.load(this.#base + PUSHED) + 1);
    cells.store(this.#base + SETTLED, this.#next);
  }

  /** The oldest record, valid until {@link take}; the get lock is held. Undefined when there is none. */
  peek(): RecordView | undefined {
    const cells = this.#cells;
    let head = cells.load(this.#base + HEAD);
    if (!this.#anythingAt(head)) return undefined;
    this.#head = head;
    let at = this.#ring + (head & (this.#size - 1));
    if (cells.loadInt32(at / 4) === PADDING) {
      head = (head + this.#size - (head & (this.#size - 1))) | 0;
      at = this.#ring;
    }
    const view = this.#view;
    view.kind = cells.loadInt32(at / 4);
    view.length = cells.loadInt32(at / 4 + 1);
    view.number = cells.loadInt32(at / 4 + 3);
    view.byteOffset = at + RECORD_HEADER_BYTES;
    this.#next = (head + RECORD_HEADER_BYTES + ((view.length + 7) & ~7)) | 0;
    return view;
  }

  /** Takes the record of the last {@link peek} out: its room is free. */
  take(): void {
    const cells = this.#cells;
    cells.store(this.#base + POPPED, cells.load(this.#base + POPPED) + 1);
    // SYNC POINT record-taken: its bytes were read before.
    cells.store(this.#base + HEAD, this.#next);
  }

  /**
   * How many of the producers that found no room are to hear of what the last {@link take} has freed; the get lock is held. In a small ring it
   * is one, each time. In a large one nobody until it is half empty, and then all: or else each message that is taken wakes a producer, which
   * puts in the one that there is room for, and sleeps again. Who finds no room finds it more than half full, so half empty is yet to come;
   * should nothing more be taken before, they look again after a slice of their wait.
   */
  producersToWake(): number {
    const { capacity } = this;
    const cells = this.#cells;
    const base = this.#base;
    const half = this.#size / 2;
    if (half < LARGE_BYTES || capacity < LARGE_CAPACITY) return 1;
    const used = (cells.load(base + TAIL) - this.#next) | 0;
    const taken = (this.#next - this.#head) | 0;
    const halfEmpty = used <= half && used + taken > half;
    return halfEmpty || (capacity !== UNBOUNDED && this.count === capacity >> 1) ? EVERYBODY : 0;
  }

  #anythingAt(head: number): boolean {
    const cells = this.#cells;
    if (cells.load(this.#base + SEEN_TAIL) !== head) return true;
    // SYNC POINT record-put
    const tail = cells.load(this.#base + TAIL);
    if (tail === head) return false;
    cells.store(this.#base + SEEN_TAIL, tail);
    return true;
  }

  /** Mends `pushed` after a process died with the put lock. The one record past the settled tail, if any, says which number it has. */
  settlePut(): void {
    const cells = this.#cells;
    const tail = cells.load(this.#base + TAIL);
    const settled = cells.load(this.#base + SETTLED);
    if (tail === settled) return;
    cells.store(this.#base + PUSHED, this.#numberAt(settled) + 1);
    cells.store(this.#base + SETTLED, tail);
  }

  /** Mends `popped` after a process died with the get lock: it is the number of the oldest record. Without a record it is right. */
  settleGet(): void {
    const cells = this.#cells;
    if (this.peek() === undefined) return;
    cells.store(this.#base + POPPED, cells.loadInt32((this.#view.byteOffset - RECORD_HEADER_BYTES) / 4 + 2));
  }
}
