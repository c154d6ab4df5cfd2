import { describe, expect, test } from 'vitest';
import { Patience } from '#src/process/patience.js';

/** What it says at each look, of a thread that has had the processor for so long by then; all in milliseconds. */
function looks(at: readonly number[], cpuMs: (ms: number) => number): readonly boolean[] {
  let now = 1000;
  const patience = new Patience(
    () => 70 + cpuMs(now - 1000),
    () => now,
  );
  return at.map((ms) => {
    now = 1000 + ms;
    return patience.isOver();
  });
}

describe('the patience with a thread', () => {
  test('ends when it has stood still for a second', () => {
    expect(looks([100, 500, 900, 1000], () => 0)).toEqual([false, false, false, true]);
    expect(looks([500, 1000, 1400, 1500], (ms) => Math.min(ms, 500) / 10)).toEqual([false, false, false, true]);
  });

  test('ends when it has had the processor for half a second', () => {
    expect(looks([100, 400, 500], (ms) => ms)).toEqual([false, false, true]);
  });

  test('goes on while it moves, as on a machine that has too much to do, and ends all the same', () => {
    const seconds = Array.from({ length: 9 }, (_, i) => (i + 1) * 999);
    expect(looks([...seconds, 10_000], (ms) => ms / 100)).toEqual([...seconds.map(() => false), true]);
  });
});
