import type { Arena } from './arena.ts';
import type { Cells } from './cells.ts';

/** Bytes with their length in front, in a chunk of their own. Returns the blob's offset, which is never 0. */
export function writeBlob(cells: Cells, arena: Arena, bytes: Uint8Array): number {
  const offset = arena.allocate(blobBytes(bytes));
  fillBlob(cells, offset, bytes);
  return offset;
}

/** How much memory a blob of those bytes takes. */
export function blobBytes(bytes: Uint8Array): number {
  return 4 + bytes.length;
}

/** Makes memory that was allocated for it a blob. */
export function fillBlob(cells: Cells, offset: number, bytes: Uint8Array): void {
  cells.copyIn(offset + 4, bytes);
  cells.store(offset / 4, bytes.length);
}

/** A copy of a blob's bytes. */
export function readBlob(cells: Cells, offset: number): Uint8Array {
  const bytes = new Uint8Array(cells.load(offset / 4));
  cells.copyOut(offset + 4, bytes);
  return bytes;
}
