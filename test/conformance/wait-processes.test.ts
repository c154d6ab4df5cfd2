/** Waiting for any of several things, between processes and between threads. */
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test('who is blocked hears of messages, ends of file and ends of processes', async () => {
  await resultOf(import.meta.url, 'wait-for-any');
});

test.each(['queue', 'stack', 'pipe', 'all', 'async', 'poll', 'sentinel'])(
  'who waits for ever (%s) learns that the last one who could end that has died, unless that is what it waits for',
  async (how) => {
    await resultOf(import.meta.url, 'wait-in-vain', { how });
  },
);

test.each([
  ['process', 'blocked'],
  ['process', 'async'],
  ['thread', 'blocked'],
  ['thread', 'async'],
])('whatever a %s makes ready ends a wait (%s), and nothing else does', async (way, wait) => {
  await resultOf(import.meta.url, 'wait-for-each', { way, wait });
});
