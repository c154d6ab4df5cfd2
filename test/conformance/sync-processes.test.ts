/** What semaphores, events, conditions, barriers and readers-writer locks do when nobody is left, between processes and between threads. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

const ENDINGS = [
  ['process', 'ends'],
  ['process', 'closes'],
  ['process', 'killed'],
  ['process', 'waits-too'],
  ['thread', 'ends'],
  ['thread', 'closes'],
  ['thread', 'waits-too'],
] as const;

describe.each(ENDINGS)('who waits learns within 2 s that the last other %s %s', (way, ending) => {
  test.each(['blocked', 'async'])('%s', async (wait) => {
    await resultOf(import.meta.url, 'waits-in-vain', { way, ending, wait });
  });
});
