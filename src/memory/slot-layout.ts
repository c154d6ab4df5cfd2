/**
 * How a slot lies in shared memory: 80 cells, the fields of FIELD by their cell; times are Float64 and take two.
 *
 * A slot id (24 bits, never 0) is `generation << 10 | index`: what a lock word holds as its owner.
 */
import { SLOT_SIZE_BYTES, SLOTS_OFFSET } from './layout.ts';

/** Where a process is in its life. The order matters: a process only ever moves to a larger state. */
export const SLOT_STATE = { free: 0, claimed: 1, requested: 2, spawned: 3, running: 4, ended: 5 } as const;

/** What a process is waiting to do; with the object or process it waits for. */
export const WAIT_VERBS = [
  '',
  'acquire',
  'join',
  'start',
  'put',
  'get',
  'wait',
  'send',
  'receive',
  'read',
  'write',
] as const;
export type WaitVerb = Exclude<(typeof WAIT_VERBS)[number], ''>;

export const FIELD = {
  id: 0,
  state: 1,
  pid: 2,
  parent: 3,
  startTime: 4,
  exitCode: 6,
  signal: 7,
  waitVerb: 8,
  waitTarget: 9,
  waitCell: 10,
  bell: 11,
  bellArmed: 12,
  args: 13,
  error: 14,
  flags: 15,
  requestedAt: 16,
  spawnedAt: 18,
  readyAt: 20,
  doneAt: 22,
  endedAt: 24,
  waitSince: 26,
  thread: 28,
  host: 29,
  stop: 30,
  noted: 31,
  ledger: 32,
  loose: 33,
  changingCell: 34,
  changingObject: 35,
  changingNumber: 36,
  transfer: 37,
  name: 38,
} as const;

/** The points in a process's life whose times are kept, in milliseconds since the lab's epoch; 0 when not reached. */
export type SlotTime = 'requestedAt' | 'spawnedAt' | 'readyAt' | 'doneAt' | 'endedAt';

const CELLS_PER_SLOT = SLOT_SIZE_BYTES / 4;
export const NAME_BYTES = SLOT_SIZE_BYTES - FIELD.name * 4 - 4;
export const INDEX_BITS = 10;
export const INDEX_MASK = (1 << INDEX_BITS) - 1;
export const GENERATION_LIMIT = 1 << 14;
export const FLAG_DAEMON = 1;
export const NO_EXIT_CODE = -1;

/** First cell of the slot with that index. */
export function slotCell(index: number): number {
  return SLOTS_OFFSET / 4 + index * CELLS_PER_SLOT;
}

/** Cell of a field of the slot that an id names. */
export function fieldCell(id: number, field: number): number {
  return slotCell(id & INDEX_MASK) + field;
}
