import type { WaitOutcome } from '../platform/platform.ts';

/**
 * The one door through which primitives touch shared memory. A process gets one implementation when it starts, so that
 * every call site stays monomorphic and the raw one inlines to a bare instruction:
 *
 * - raw: the instructions themselves. What `run` uses.
 * - recorded and gated implementations fit behind the same interface: every access of a primitive goes through here.
 *
 * A cell is a 32-bit integer, named by its index (byte offset / 4). Operations on cells are atomic and sequentially consistent:
 * JavaScript has no weaker atomics. The loads and stores of elements are plain: the compiler and the processor may reorder them,
 * and two processes that use them without a lock have a data race. Element indices count elements of that kind from the start
 * of the segment.
 */
export interface Cells {
  load(cell: number): number;
  store(cell: number, value: number): void;
  /** Adds and returns the old value. */
  add(cell: number, value: number): number;
  /** Stores and returns the old value. */
  exchange(cell: number, value: number): number;
  /** Stores `replacement` if the cell holds `expected`; returns the old value either way. */
  compareExchange(cell: number, expected: number, replacement: number): number;
  /** Waits `turns` turns without touching memory, then loads the cell: for back-off. */
  backOff(cell: number, turns: number): number;
  /** Sleeps while the cell holds `expected`, for at most `timeoutMs`. May wake for no reason. */
  wait(cell: number, expected: number, timeoutMs: number): WaitOutcome;
  /** Wakes up to `count` sleepers on the cell. */
  wake(cell: number, count: number): void;

  loadInt8(index: number): number;
  storeInt8(index: number, value: number): void;
  loadUint8(index: number): number;
  storeUint8(index: number, value: number): void;
  loadInt16(index: number): number;
  storeInt16(index: number, value: number): void;
  loadUint16(index: number): number;
  storeUint16(index: number, value: number): void;
  loadInt32(index: number): number;
  storeInt32(index: number, value: number): void;
  loadUint32(index: number): number;
  storeUint32(index: number, value: number): void;
  loadFloat32(index: number): number;
  storeFloat32(index: number, value: number): void;
  loadFloat64(index: number): number;
  storeFloat64(index: number, value: number): void;
  loadBigInt64(index: number): bigint;
  storeBigInt64(index: number, value: bigint): void;
  loadBigUint64(index: number): bigint;
  storeBigUint64(index: number, value: bigint): void;
  /** As {@link compareExchange}, of an element of 64 bits: atomic, too. */
  compareExchangeBigInt64(index: number, expected: bigint, replacement: bigint): bigint;

  /** Copies `target.length` bytes out of the segment. Counts as one access; another process may write meanwhile. */
  copyOut(byteOffset: number, target: Uint8Array): void;
  /** Copies bytes into the segment. Counts as one access. */
  copyIn(byteOffset: number, source: Uint8Array): void;
  /** Writes a text of characters below 256, one byte each. Counts as one access. */
  writeLatin1(byteOffset: number, text: string): void;
  /** Reads a text that {@link writeLatin1} wrote. */
  readLatin1(byteOffset: number, length: number): string;
  /** Zeroes a range. Counts as one access. */
  clear(byteOffset: number, sizeBytes: number): void;
  /** The memory itself, for a typed view that is handed to the user: what happens there is not seen by this interface. */
  expose(): ArrayBuffer;
}
