import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(['process', 'thread'])('with another %s', (way) => {
  test.each(['true', 'false'])('a struct is what three made of it under its lock (its own: %s)', async (own) => {
    expect(await resultOf(import.meta.url, 'struct-moving', { way, own })).toEqual({ x: 4500, y: 9001, moves: 9000 });
  });

  test('a list of mixed values is there what it was, and comes back', async () => {
    await resultOf(import.meta.url, 'shareable-list', { way });
  });
});
