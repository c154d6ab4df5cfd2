/** How long to wait, as callers say it: undefined and Infinity are for ever, and a time that is not positive has passed already. */
import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';

/** Whether that is for ever, so that only what is waited for can end the wait. */
export function isEndless(timeoutMs: number | undefined): boolean {
  return timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY;
}

/** Refuses what is no time to wait; a negative one has passed already. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function refuseNoTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && !Number.isNaN(timeoutMs))) return;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a timeout must be a number of milliseconds, not ${shown(timeoutMs)}`);
}

/** Whether there is no time to wait at all. */
export function hasPassed(timeoutMs: number | undefined): boolean {
  return timeoutMs !== undefined && timeoutMs <= 0;
}

/** The instant on the monotonic clock, in milliseconds, at which a wait that began then is over. */
export function deadlineAfter(started: number, timeoutMs?: number): number {
  refuseNoTimeout(timeoutMs);
  return started + (timeoutMs ?? Number.POSITIVE_INFINITY);
}
