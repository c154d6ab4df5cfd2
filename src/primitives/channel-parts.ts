/** What a channel is made of, and how that is given back; how it works is in channel.ts. */
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import type { WaitVerb } from '../memory/slot-layout.ts';
import { GET_LOCK, PUT_LOCK } from './channel-cells.ts';
import { Lock } from './lock.ts';
import { discardAll } from './message.ts';
import { MessageRing } from './message-ring.ts';

export type Side = 'put' | 'get';

export const BOTH_SIDES: readonly Side[] = ['put', 'get'];

/** Who is on the other side of a channel, and what waiting for them is called. */
export interface Counterpart {
  readonly verbs: Readonly<Record<Side, WaitVerb>>;
  /** Throws when nobody is left who could end such a wait. */
  check(demand: Demand, thorough: boolean): void;
}

/** What a wait at a channel is for. */
export interface Demand {
  readonly side: Side;
  /** With one it is the timeout that ends the wait, whoever is left. */
  readonly timeoutMs: number | undefined;
  /** Whether this process goes on meanwhile, and may therefore end the wait itself. */
  readonly asynchronous: boolean;
}

/** Makes the parts of an empty channel. @param start where its counters begin, so that tests can begin next to their wrap */
export function initializeChannel(
  memory: LabMemory,
  baseCell: number,
  sizeBytes: number,
  capacity: number,
  name: string | undefined,
  start = 0,
): void {
  const { cells, objects } = memory;
  const ring = objects.allocatePart(new MessageRing(cells, baseCell).memoryCell, sizeBytes);
  MessageRing.initialize(cells, baseCell, ring, sizeBytes, capacity, start);
  for (const side of BOTH_SIDES) {
    const lock = Lock.create(memory, { name: name === undefined ? undefined : `${side} side of ${name}` });
    // The channel holds a reference itself, so that the lock lives while the channel is under way and nobody has a handle.
    objects.refer(baseCell + lockCell(side), lock[SHARED_OBJECT]);
  }
}

/** Frees what a channel is made of: nobody uses it any longer. */
export function freeChannel(memory: LabMemory, baseCell: number): void {
  const ring = new MessageRing(memory.cells, baseCell);
  if (ring.isMade) discardAll(ring, memory);
  memory.objects.freePart(ring.memoryCell);
  for (const side of BOTH_SIDES) memory.objects.unrefer(baseCell + lockCell(side));
}

/** Where the reference to the lock of a side lies, counted from the channel's first cell. */
export function lockCell(side: Side): number {
  return side === 'put' ? PUT_LOCK : GET_LOCK;
}
