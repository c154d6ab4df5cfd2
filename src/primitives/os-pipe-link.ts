/**
 * What the two ends of a pipe of the operating system have between them: a shared object of its own, to which both refer.
 *
 * ```
 * cell  4 identity   the number of the pipe's inode, by which others find it; 0 once both ends are closed by everybody. After the header of all
 *                    shared objects
 *      16 end 0      who reads (pipe-end.ts)
 *      …  end 1      who writes
 * ```
 */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT, type SharedObject } from '../memory/shared-object.ts';
import { type End, END_CELLS, PipeEnd } from './pipe-end.ts';
import { KIND } from './primitive.ts';

const IDENTITY = 4;
const END_STATES = 16;
const LINK_CELLS = END_STATES + 2 * END_CELLS;

/** Makes what two ends share. */
export function createOsPipeLink(memory: LabMemory): SharedObject {
  return memory.objects.create(KIND.osPipeLink, LINK_CELLS * 4, undefined, (link) => ({
    [SHARED_OBJECT]: link,
    [Symbol.dispose]: () => memory.objects.close(link),
  }));
}

/** See {@link Kind.free}. */
export function freeOsPipeLink({ cells }: LabMemory, link: number): void {
  cells.store(link / 4 + IDENTITY, 0);
}

export function identityOf({ cells }: LabMemory, link: number): number {
  return cells.load(link / 4 + IDENTITY) >>> 0;
}

export function setIdentity({ cells }: LabMemory, link: number, identity: number): void {
  cells.store(link / 4 + IDENTITY, identity | 0);
}

/** One of the two ends. */
export function endOf(memory: LabMemory, link: number, end: End): PipeEnd {
  return new PipeEnd(memory, link / 4 + END_STATES + end * END_CELLS);
}
