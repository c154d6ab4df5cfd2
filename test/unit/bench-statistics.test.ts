import { describe, expect, test } from 'vitest';
import { doubtsOfPlacement, doubtsOfPreemptions, doubtsOfSamples, doubtsOfWindow } from '#src/bench/doubts.js';
import { quantile, spread, summarize } from '#src/bench/statistics.js';
import { timerFloorNs } from '#src/bench/timer.js';

describe('summarize', () => {
  test('finds the median of an odd and an even number of samples, in whatever order they come', () => {
    expect(summarize([5, 1, 3]).p50).toBe(3);
    expect(summarize([4, 1, 3, 2]).p50).toBe(2.5);
    expect(summarize([100, 20, 3]).p50).toBe(20);
  });

  test('never trims the tail', () => {
    const samples = [...Array.from({ length: 50 }, () => 1), 1000];
    expect(summarize(samples)).toEqual({ samples: 51, min: 1, p50: 1, p99: 1000, max: 1000 });
  });

  test('gives a p99 that was measured: the worst, while there are fewer than a hundred', () => {
    expect(summarize([1, 2, 3, 4, 5, 6, 7]).p99).toBe(7);
    expect(summarize(Array.from({ length: 101 }, (_, i) => i)).p99).toBe(99);
  });

  test('takes a single sample for all it can say', () => {
    expect(summarize([7])).toEqual({ samples: 1, min: 7, p50: 7, p99: 7, max: 7 });
  });

  test('leaves its input as it is', () => {
    const samples = [3, 1, 2];
    summarize(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe('quantile', () => {
  test('lies between neighbours below the median, and on the higher one above it', () => {
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(quantile([10, 20], 0.75)).toBe(20);
  });
});

describe('spread', () => {
  test('is the width of the middle half, whatever the extremes', () => {
    expect(spread([1, 100, 100, 100, 5000])).toBe(0);
    expect(spread([80, 90, 100, 110, 120])).toBeCloseTo(0.2);
  });
});

describe('doubts', () => {
  test('are silent about steady samples', () => {
    expect(doubtsOfSamples({ samples: [100, 101, 99, 100, 102] })).toEqual([]);
  });

  test('say that there are too few, but not once more for each peer', () => {
    expect(doubtsOfSamples({ samples: [1, 1, 1, 1] })).toEqual([expect.stringContaining('too few samples: 4')]);
    expect(doubtsOfSamples({ whose: 'Python', samples: [1] })).toEqual([]);
  });

  test('say that they are noisy, and whose', () => {
    expect(doubtsOfSamples({ whose: 'Python', samples: [60, 70, 100, 130, 140] })).toEqual([
      'Python: noisy: the middle half of the samples spans 60 % of p50',
    ]);
  });

  test('name a sample far from the others, on either side', () => {
    expect(doubtsOfSamples({ samples: [10, 10, 10, 10, 31] })).toEqual(['one sample is 3.1 times p50']);
    expect(doubtsOfSamples({ samples: [10, 10, 10, 10, 4] })).toEqual(['one sample is 40 % of p50']);
  });

  test('say that a window is too short for the clock', () => {
    expect(doubtsOfWindow(99_000, 100)).toHaveLength(1);
    expect(doubtsOfWindow(100_000, 100)).toEqual([]);
  });

  test('say that other programs were in the way, when they were most of the time', () => {
    expect(doubtsOfPreemptions([5, 200, 300])).toEqual([expect.stringContaining('in 2 of 3 samples')]);
    expect(doubtsOfPreemptions([5, 20, 300])).toEqual([]);
    expect(doubtsOfPreemptions([])).toEqual([]);
  });

  test('say that processes outnumber cores', () => {
    expect(doubtsOfPlacement(2, 1)).toEqual([expect.stringContaining('2 processes on one core take turns')]);
    expect(doubtsOfPlacement(2, 2)).toEqual([]);
  });
});

test('the clock steps by more than nothing and less than a millisecond', () => {
  const floorNs = timerFloorNs();
  expect(floorNs).toBeGreaterThan(0);
  expect(floorNs).toBeLessThan(1e6);
});
