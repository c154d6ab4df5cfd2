/** The ways to protect the counter of a race. A new kind is one more entry here, and its name in lock-names.ts. */
import type { Lab } from '../lab/lab.ts';
import type { Holdable } from '../primitives/holdable.ts';
import type { RawValue } from '../primitives/raw-value.ts';
import type { RaceLock } from './lock-names.ts';
import type { ReadLog } from './read-log.ts';

/** What keeps others out between a load and the store that belongs to it. */
export type Guard = Pick<Holdable, 'acquire' | 'release' | 'tryAcquire'>;

/** What a racing process works with. */
export interface Lane {
  readonly counter: RawValue<'i'>;
  /** Of the kind that is raced; undefined for kinds without. */
  readonly guard: Guard | undefined;
  readonly log: ReadLog;
}

export interface LockKind {
  /** Makes the guard; absent for kinds that keep nobody out. */
  readonly guard?: (lab: Lab) => Guard;
  /** Whether an increment can be interrupted between its load and its store: not when both are one instruction. */
  readonly divisible: boolean;
  /** Adds 1 to the counter `iterations` times. Written out for each kind, so that each is compiled for itself. */
  readonly increment: (lane: Lane, iterations: number) => void;
}

export type LockKinds = Readonly<Record<string, LockKind>>;

/** As `counter.value += 1`, keeping what was read. */
function incrementPlainly({ counter, log }: Lane, iterations: number): void {
  for (let i = 0; i < iterations; i++) {
    const read = counter.value;
    counter.value = read + 1;
    log.note(i, read);
  }
}

function incrementUnderGuard({ counter, guard, log }: Lane, iterations: number): void {
  if (guard === undefined) throw new TypeError('this kind has no guard');
  for (let i = 0; i < iterations; i++) {
    guard.acquire();
    const read = counter.value;
    counter.value = read + 1;
    guard.release();
    log.note(i, read);
  }
}

function incrementAtomically({ counter, log }: Lane, iterations: number): void {
  for (let i = 0; i < iterations; i++) log.note(i, counter.add(1));
}

export const LOCK_KINDS: Readonly<Record<RaceLock, LockKind>> = {
  none: { divisible: true, increment: incrementPlainly },
  mutex: { divisible: true, guard: (lab) => lab.lock({ name: 'lock' }), increment: incrementUnderGuard },
  rlock: { divisible: true, guard: (lab) => lab.rlock({ name: 'lock' }), increment: incrementUnderGuard },
  spin: { divisible: true, guard: (lab) => lab.spinLock({ name: 'lock' }), increment: incrementUnderGuard },
  ticket: { divisible: true, guard: (lab) => lab.ticketLock({ name: 'lock' }), increment: incrementUnderGuard },
  file: { divisible: true, guard: (lab) => lab.fileLock(undefined, { name: 'lock' }), increment: incrementUnderGuard },
  mkdir: {
    divisible: true,
    guard: (lab) => lab.directoryLock(undefined, { name: 'lock' }),
    increment: incrementUnderGuard,
  },
  atomic: { divisible: false, increment: incrementAtomically },
};
