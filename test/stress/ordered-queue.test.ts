/** Queues with an order of their own under fire: producers and consumers are killed at random moments. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

refuseLeaks();

describe.each(['priority', 'lifo'])('a %s queue', (order) => {
  test.each([
    [1, 1, 0],
    [1, 1, 4],
    [2, 1, 4],
    [8, 8, 4],
  ])(
    'of %i producers and %i consumers, %i of which are killed, loses and doubles nothing',
    async (producers, consumers, kills) => {
      const seed = printedSeed(`ordered-traffic, ${order}`);
      const params = { order, producers, consumers, kills: longStress ? kills * 10 : kills, seed };
      await resultOf(import.meta.url, 'ordered-traffic', params, { timeoutMs: longStress ? 600_000 : 50_000 });
    },
  );
});
