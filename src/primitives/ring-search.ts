/** Looking through a ring that others fill and empty meanwhile, with neither of its locks. */
import type { Cells } from '../memory/cells.ts';
import { HEAD, PADDING, RECORD_HEADER_BYTES, type RecordView, RING, SIZE, TAIL } from './message-ring.ts';

/** How often all records are looked at while others take them. */
const LOOKS_AT_ALL = 100;

/** What can be told of a record without reading it. */
export type RecordLabel = Pick<RecordView, 'kind' | 'number'>;

/**
 * Whether a ring has a record like that. It never blocks: when records are taken faster than it can look, it says yes.
 * @param ring its first cell
 */
export function ringHolds(cells: Cells, ring: number, isIt: (record: RecordLabel) => boolean): boolean {
  // Until it is made it has no size, and nothing is in it.
  if (cells.load(ring + SIZE) === 0) return false;
  for (let tries = 0; tries < LOOKS_AT_ALL; tries++) {
    const head = cells.load(ring + HEAD);
    const found = find(cells, ring, head, cells.load(ring + TAIL), isIt);
    if (cells.load(ring + HEAD) === head) return found;
  }
  return true;
}

function find(cells: Cells, ring: number, head: number, tail: number, isIt: (record: RecordLabel) => boolean): boolean {
  const size = cells.load(ring + SIZE);
  const first = cells.load(ring + RING) >>> 0;
  for (let position = head; ((tail - position) | 0) > 0; ) {
    const inRing = position & (size - 1);
    const at = (first + inRing) / 4;
    const kind = cells.loadInt32(at);
    if (kind === PADDING) {
      position = (position + size - inRing) | 0;
      continue;
    }
    if (isIt({ kind, number: cells.loadInt32(at + 3) })) return true;
    // What is overwritten meanwhile may say anything.
    position = (position + RECORD_HEADER_BYTES + Math.max(0, (cells.loadInt32(at + 1) + 7) & ~7)) | 0;
  }
  return false;
}
