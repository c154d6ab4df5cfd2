import { describe, expect, test } from 'vitest';
import { measurePace, raceUntilLoss, roundDown } from '#src/race/adapt.js';

const PATIENCE = { mostIterations: 1_000_000, mostTrials: 200, budgetMs: 10_000 };

describe('raceUntilLoss', () => {
  test('races once when something is lost at once', () => {
    expect(raceUntilLoss({ iterations: 100, trials: 1 }, PATIENCE, () => ({ lost: 7, wallMs: 1 }))).toEqual({
      iterations: 100,
      trials: [{ lost: 7, wallMs: 1 }],
      adapted: null,
    });
  });

  test('races again, then with more, until something is lost, and says so', () => {
    const raced: number[] = [];
    const batch = raceUntilLoss({ iterations: 100, trials: 1 }, PATIENCE, (iterations) => {
      raced.push(iterations);
      return { lost: iterations >= 1600 ? 1 : 0, wallMs: 1 };
    });
    expect(raced).toEqual([100, 100, 100, 100, 400, 400, 400, 400, 1600]);
    expect(batch.adapted).toEqual({ fromIterations: 100, toIterations: 1600, trialsWithoutLoss: 8 });
    expect(batch.iterations).toBe(1600);
    expect(batch.trials).toHaveLength(1);
  });

  test('raises the number at once where a trial takes long', () => {
    const raced: number[] = [];
    raceUntilLoss({ iterations: 1000, trials: 1 }, PATIENCE, (iterations) => {
      raced.push(iterations);
      return { lost: raced.length > 2 ? 1 : 0, wallMs: iterations / 10 };
    });
    expect(raced).toEqual([1000, 4000, 16_000]);
  });

  test('keeps all trials of the batch that lost', () => {
    const batch = raceUntilLoss({ iterations: 10, trials: 3 }, PATIENCE, (_, i) => ({
      lost: i === 1 ? 5 : 0,
      wallMs: 1,
    }));
    expect(batch.trials.map(({ lost }) => lost)).toEqual([0, 5, 0]);
  });

  test.each([
    ['trials', { ...PATIENCE, mostTrials: 5 }, 1],
    ['time', { ...PATIENCE, budgetMs: 50 }, 10],
    ['time for one that is larger', { ...PATIENCE, budgetMs: 350 }, 100],
  ])('gives up when there is no more patience: %s', (_, patience, wallMs) => {
    let [trials, spentMs] = [0, 0];
    const batch = raceUntilLoss({ iterations: 10, trials: 1 }, patience, (iterations) => {
      trials++;
      spentMs += wallMs * (iterations / 10);
      return { lost: 0, wallMs: wallMs * (iterations / 10) };
    });
    expect(batch.trials).toEqual([expect.objectContaining({ lost: 0 })]);
    expect(trials).toBeLessThanOrEqual(patience.mostTrials);
    expect(spentMs).toBeLessThanOrEqual(patience.budgetMs);
    expect(batch.adapted?.trialsWithoutLoss ?? 0).toBe(trials - 1);
  });

  test('never exceeds the most that fits the counter', () => {
    const raced: number[] = [];
    raceUntilLoss(
      { iterations: 300, trials: 1 },
      { ...PATIENCE, mostIterations: 1000, mostTrials: 20 },
      (iterations) => {
        raced.push(iterations);
        return { lost: 0, wallMs: 1 };
      },
    );
    expect(Math.max(...raced)).toBe(1000);
    expect(raced).toHaveLength(20);
  });
});

test('measurePace asks for more until a trial is long enough to tell', () => {
  const raced: number[] = [];
  const pace = measurePace(
    (iterations) => {
      raced.push(iterations);
      return { lost: 0, wallMs: iterations * 1e-5 };
    },
    1000,
    2 ** 31 - 1,
  );
  expect(pace).toBeCloseTo(1e-5, 9);
  expect(raced.at(-1)).toBeGreaterThanOrEqual(20_000_000);
  expect(raced.length).toBeLessThan(6);
});

test('measurePace stops at the most that fits the counter', () => {
  expect(measurePace(() => ({ lost: 0, wallMs: 0 }), 1000, 5000)).toBeGreaterThan(0);
});

test.each([
  [0, 1],
  [1, 1],
  [1.9, 1],
  [2, 2],
  [4.99, 2],
  [5, 5],
  [9.99, 5],
  [10, 10],
  [123_456, 100_000],
  [499_999_999, 200_000_000],
])('%d is rounded down to %d', (value, rounded) => {
  expect(roundDown(value)).toBe(rounded);
});
