import { expect, test } from 'vitest';
import { Random } from '#src/core/random.js';

function sequence(seed: number, length = 5): number[] {
  const random = new Random(seed);
  return Array.from({ length }, () => random.below(1000));
}

test('the same seed gives the same numbers, on every machine', () => {
  expect(sequence(42)).toEqual(sequence(42));
  expect(sequence(42)).toEqual([601, 448, 852, 669, 174]);
  expect(sequence(42)).not.toEqual(sequence(43));
  expect(sequence(-1)).toEqual(sequence(2 ** 32 - 1));
});

test('numbers stay below their bound and are spread evenly', () => {
  const counts = new Map<number, number>();
  const random = new Random(7);
  for (let i = 0; i < 10_000; i++) {
    const number = random.below(10);
    counts.set(number, (counts.get(number) ?? 0) + 1);
  }
  expect(new Set(counts.keys())).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  for (const count of counts.values()) expect(count).toBeGreaterThan(850);
});
