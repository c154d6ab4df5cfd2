import { describe, expect, test } from 'vitest';
import { LoadingLimit } from '#src/process/loading-limit.js';

/** What it says at each look, of a thread that has had the processor for so long by then; all in milliseconds. */
function looks(at: readonly number[], cpuMs: (ms: number) => number): readonly boolean[] {
  let now = 1000;
  const limit = new LoadingLimit(
    () => 70 + cpuMs(now - 1000),
    () => now,
  );
  return at.map((ms) => {
    now = 1000 + ms;
    return limit.isPassed();
  });
}

describe('the limit for a thread that loads', () => {
  test('is passed when it has stood still for a second', () => {
    expect(looks([100, 500, 900, 1000], () => 0)).toEqual([false, false, false, true]);
    expect(looks([500, 1000, 1400, 1500], (ms) => Math.min(ms, 500) / 10)).toEqual([false, false, false, true]);
  });

  test('is passed when it has had the processor for half a second', () => {
    expect(looks([100, 400, 500], (ms) => ms)).toEqual([false, false, true]);
  });

  test('is not passed while it moves, as on a machine that has too much to do, but at last', () => {
    const seconds = Array.from({ length: 9 }, (_, i) => (i + 1) * 999);
    expect(looks([...seconds, 10_000], (ms) => ms / 100)).toEqual([...seconds.map(() => false), true]);
  });
});
