/**
 * How many updates were lost: what was added less what arrived. Everything that speaks of losses counts with this: races with and without a lock, forced
 * hand-offs, and the planted loss that must be caught before a lock is credited.
 */
export function countLost(expected: number, actual: number): number {
  return expected - actual;
}
