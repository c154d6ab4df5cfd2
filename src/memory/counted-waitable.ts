import type { Waitable } from './waitable.ts';

/** A {@link Waitable} that wakes nobody, and rings no bell, unless it knows that somebody sleeps. */
export interface CountedWaitable extends Waitable {
  /** Counts this process among those who sleep until it is ready, or no longer. @internal */
  listen(by: 1 | -1): void;
}
