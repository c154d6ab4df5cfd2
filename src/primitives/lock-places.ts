/**
 * Where the lock directories of a lab are, so that whoever ends the lab can remove what killed processes have left there.
 *
 * ```
 * cell 0 next   byte offset of the next entry, 0 for none; the first is in the header
 *      1 place  blob with the path
 *      2 lock   byte offset of the object whose path it is; 0 when the entry is free
 * ```
 *
 * Entries are added at the front and never taken out, only used again: so nobody can be led astray who follows the list meanwhile, and who is
 * killed leaves it whole.
 */
import { writeBlob } from '../memory/blob.ts';
import { HEADER } from '../memory/layout.ts';
import type { LabMemory } from '../memory/lab-memory.ts';

const NEXT = 0;
const PLACE = 1;
const LOCK = 2;
const BYTES = 12;

/** Enters the path of a lock; returns the offset of the entry. */
export function enterPlace(memory: LabMemory, lock: number, path: Uint8Array): number {
  const { cells, arena } = memory;
  const place = writeBlob(cells, arena, path);
  for (const entry of entries(memory)) {
    if (cells.compareExchange(entry / 4 + LOCK, 0, lock | 0) !== 0) continue;
    cells.store(entry / 4 + PLACE, place);
    return entry;
  }
  const entry = arena.allocate(BYTES);
  cells.store(entry / 4 + PLACE, place);
  cells.store(entry / 4 + LOCK, lock);
  for (;;) {
    const first = cells.load(HEADER.lockPlaces);
    cells.store(entry / 4 + NEXT, first);
    if (cells.compareExchange(HEADER.lockPlaces, first, entry | 0) === first) return entry;
  }
}

/** The blob with the path of an entry; 0 for none. */
export function placeAt(memory: LabMemory, entry: number): number {
  return memory.cells.load(entry / 4 + PLACE) >>> 0;
}

/** Frees the entry of a lock, if it still is that: nobody uses the lock any more. @param tidy called with the blob with the path, before */
export function leavePlace(memory: LabMemory, lock: number, entry: number, tidy: (place: number) => void): void {
  const { cells, objects } = memory;
  if (cells.load(entry / 4 + LOCK) >>> 0 !== lock) return;
  const place = placeAt(memory, entry);
  if (place !== 0) tidy(place);
  objects.freePart(entry / 4 + PLACE);
  // Last: whoever finishes this in the place of a process that was killed must not touch what is another lock's by then.
  cells.store(entry / 4 + LOCK, 0);
}

/** The blobs with the paths of all locks that somebody has. */
export function* placesIn(memory: LabMemory): Generator<number> {
  for (const entry of entries(memory)) {
    const place = placeAt(memory, entry);
    if (place !== 0) yield place;
  }
}

function* entries({ cells }: LabMemory): Generator<number> {
  for (let entry = cells.load(HEADER.lockPlaces) >>> 0; entry !== 0; entry = cells.load(entry / 4 + NEXT) >>> 0)
    yield entry;
}
