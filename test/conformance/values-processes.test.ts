import { expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test.each(['true', 'false'])(
  'a struct in three processes is what they made of it under its lock (its own: %s)',
  async (own) => {
    expect(await resultOf(import.meta.url, 'struct-moving', { own })).toEqual({ x: 4500, y: 9001, moves: 9000 });
  },
);

test('a list of mixed values is in another process what it was, and comes back', async () => {
  await resultOf(import.meta.url, 'shareable-list');
});
