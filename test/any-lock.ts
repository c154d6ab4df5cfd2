import type { Holdable, Lab, Lock, RLock, SpinLock, TicketLock } from 'ipc-lab';

/** Locks that tell who waits when their owner has died, and can be taken over. */
export type AnyLock = Lock | RLock | SpinLock | TicketLock;

export const LOCK_KINDS = ['Lock', 'RLock', 'SpinLock', 'TicketLock'] as const;

/** Makes a lock of a kind. */
export function makeLock(lab: Lab, kind: string, name?: string): AnyLock {
  const options = { name };
  if (kind === 'Lock') return lab.lock(options);
  if (kind === 'RLock') return lab.rlock(options);
  return kind === 'SpinLock' ? lab.spinLock(options) : lab.ticketLock(options);
}

/** Those that tell nobody. */
export const SILENT_LOCK_KINDS = ['FileLock', 'DirectoryLock'] as const;

export const ALL_LOCK_KINDS = [...LOCK_KINDS, ...SILENT_LOCK_KINDS] as const;

/** Makes a lock of any kind. */
export function makeHoldable(lab: Lab, kind: string, name?: string): Holdable {
  if (kind === 'FileLock') return lab.fileLock(undefined, { name });
  return kind === 'DirectoryLock' ? lab.directoryLock(undefined, { name }) : makeLock(lab, kind, name);
}
