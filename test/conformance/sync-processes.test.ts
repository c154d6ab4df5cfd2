/** What semaphores, events, conditions, barriers and readers-writer locks do between operating-system processes. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe('who waits learns within 2 s that nobody is left', () => {
  test.each([
    ['Semaphore', 'ends', 'blocked'],
    ['Semaphore', 'killed', 'async'],
    ['BoundedSemaphore', 'killed', 'blocked'],
    ['Event', 'closes', 'blocked'],
    ['Event', 'killed', 'blocked'],
    ['Event', 'killed', 'async'],
    ['Event', 'waits-too', 'blocked'],
    ['Condition', 'ends', 'blocked'],
    ['Condition', 'killed', 'async'],
    ['Condition', 'waits-too', 'blocked'],
  ])('%s, when the last other %s (%s)', async (kind, ending, wait) => {
    await resultOf(import.meta.url, 'waits-in-vain', { kind, ending, wait });
  });
});
