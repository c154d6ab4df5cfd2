/** Everything that one can wait for, between processes and between threads, blocking and not: one suite for all of them. */
import { expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test.each([
  ['process', 'blocked'],
  ['process', 'async'],
  ['thread', 'blocked'],
  ['thread', 'async'],
])('is over when another %s ends it, or when the time has passed, and not before (%s)', async (way, wait) => {
  const outcomes = await resultOf(import.meta.url, 'every-wait', { way, wait });
  expect(Object.keys(outcomes as object)).toHaveLength(30);
});
