/** What queues do between operating-system processes. Each fixture says itself what must come out. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

test.each(['blocked', 'async'])('putting into a full queue waits for room (%s)', async (way) => {
  await resultOf(import.meta.url, 'queue-blocking', { way });
});

describe('a consumer that waits', () => {
  test.each([
    ['ends', 'blocked'],
    ['ends', 'async'],
    ['closes', 'blocked'],
    ['killed', 'blocked'],
    ['killed', 'async'],
    ['killed-starting', 'blocked'],
    ['waits-too', 'blocked'],
  ])('learns within 2 s that nobody is left when the last producer %s (%s)', async (ending, wait) => {
    await resultOf(import.meta.url, 'queue-nobody-left', { ending, wait });
  });

  test.each([
    ['is alive', 'alive', 'blocked'],
    ['is alive', 'alive', 'async'],
    ['is only starting', 'starting', 'blocked'],
    ['is yet to receive the queue from a message', 'under-way', 'blocked'],
  ])('waits on while a producer %s', async (_name, who, wait) => {
    await resultOf(import.meta.url, 'queue-somebody-left', { who, wait });
  });
});

test('queues, locks and dicts that went through a queue work where they arrive', async () => {
  await resultOf(import.meta.url, 'queue-carries');
});
