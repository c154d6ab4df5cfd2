/**
 * What the two ends of a pipe have between them: a shared object of its own, to which both refer, so that it lives until both ends are closed
 * by everybody.
 *
 * ```
 * cell  4 duplex   1 when there are two lanes; after the header of all shared objects
 *      16 lane 0   a channel (channel.ts) from end 1 to end 0
 *     112 lane 1   the other way round
 *     208 end 0    who holds it (pipe-end.ts)
 *     480 end 1
 * ```
 */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT, type SharedObject } from '../memory/shared-object.ts';
import { CHANNEL_CELLS } from './channel-cells.ts';
import { freeChannel, initializeChannel } from './channel-parts.ts';
import { UNBOUNDED } from './message-ring.ts';
import { type End, END_CELLS, PipeEnd } from './pipe-end.ts';
import { KIND } from './primitive.ts';

const DUPLEX = 4;
const LANES = 16;
const END_STATES = LANES + 2 * CHANNEL_CELLS;
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

/** One of the two ends. */
export function endOf(memory: LabMemory, link: number, end: End): PipeEnd {
  return new PipeEnd(memory, link / 4 + END_STATES + end * END_CELLS);
}
