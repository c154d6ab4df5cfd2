/** What the explorer cannot see, and therefore refuses. */
import { IpcError } from '../core/errors.ts';
import { Dict } from '../manager/dict.ts';
import { Barrier } from '../primitives/barrier.ts';
import { Condition } from '../primitives/condition.ts';
import { DirectoryLock } from '../primitives/directory-lock.ts';
import { Event } from '../primitives/event.ts';
import { FileLock } from '../primitives/file-lock.ts';
import { MappedFile } from '../primitives/mapped-file.ts';
import { OsPipe } from '../primitives/os-pipe.ts';
import { OwnedLock } from '../primitives/owned-lock.ts';
import { Primitive } from '../primitives/primitive.ts';
import { Queue } from '../primitives/queue.ts';
import { RawArray } from '../primitives/raw-array.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { RwLock } from '../primitives/rw-lock.ts';
import { Semaphore } from '../primitives/semaphore.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedMemory } from '../primitives/shared-memory.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { TicketLock } from '../primitives/ticket-lock.ts';
import type { Granularity } from '../report/explore.ts';

/** What there are gates for where an operation is a step. */
const WITH_GATES = [
  RawValue,
  RawArray,
  OwnedLock,
  SharedValue,
  SharedArray,
  Semaphore,
  Event,
  Condition,
  TicketLock,
  RwLock,
  Barrier,
  Queue,
];
/** What does not go through cells, or has another process at the other end. */
const BESIDE_CELLS = [Dict, DirectoryLock, FileLock, MappedFile, OsPipe, SharedMemory];

/**
 * Refuses what actors would share without the explorer seeing it: a primitive that it has no gates for, or one in a map or a set.
 * @throws IpcError `ERR_IPC_UNSEEN`
 */
export function refuseUnseen(shared: unknown, granularity: Granularity): void {
  if (shared instanceof Map || shared instanceof Set) {
    throw new IpcError('ERR_IPC_UNSEEN', `an explored program cannot share a ${shared.constructor.name}`, {
      hint: 'Put what is shared into arrays and plain objects.',
    });
  }
  if (shared instanceof Primitive) {
    const seen =
      granularity === 'cell'
        ? !BESIDE_CELLS.some((kind) => shared instanceof kind)
        : WITH_GATES.some((kind) => shared instanceof kind);
    if (!seen) throw unseen(shared);
  } else if (typeof shared === 'object' && shared !== null) {
    for (const each of Object.values(shared)) refuseUnseen(each, granularity);
  }
}

/** The error for an operation that has no gate. */
export function unseen(primitive: Primitive, what?: string): IpcError {
  return new IpcError(
    'ERR_IPC_UNSEEN',
    `an explored program cannot ${what === undefined ? `share a ${primitive.kind}` : `use ${primitive.kind}.${what}`}: the explorer would not see it`,
    {
      hint: 'Use the operations that are one step each: value, get and set, acquire and release, put and get.',
    },
  );
}
