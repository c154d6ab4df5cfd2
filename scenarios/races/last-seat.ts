/**
 * Check, then act: both look whether a seat is free before either has taken it. The check and the act must be one step.
 */
import { type ActorContext, type Lock, program, type RawValue } from 'ipc-lab';

interface Shared {
  readonly seats: RawValue;
  readonly sold: RawValue;
  readonly lock: Lock;
}

export default program({
  name: 'last-seat',
  title: 'Two processes book the last seat, and both get it',
  teaches: ['check then act', 'race condition', 'Lock'],
  params: {
    processes: { default: 2, min: 1, max: 8, about: 'how many want the seat' },
    lock: { default: 'none', choices: ['none', 'mutex'], about: 'what makes looking and taking one step' },
  },
  shared: (lab): Shared => ({
    seats: lab.rawValue('i', 1, { name: 'seats' }),
    sold: lab.rawValue('i', 0, { name: 'sold' }),
    lock: lab.lock({ name: 'lock' }),
  }),
  actors: ({ processes }) => Array.from({ length: processes }, () => book),
  outcome: ({ sold }) => `sold ${sold.value}`,
  grade: (outcome) => (outcome === 'sold 1' ? 'acceptable' : 'forbidden'),
});

export function book(
  { seats, sold, lock }: Shared,
  _lab: ActorContext,
  { lock: kind }: { readonly lock: string },
): void {
  if (kind === 'mutex') lock.acquire();
  if (seats.value > 0) {
    seats.value = 0;
    sold.add(1);
  }
  if (kind === 'mutex') lock.release();
}
