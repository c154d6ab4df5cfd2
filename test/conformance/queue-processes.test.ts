/** What queues do between operating-system processes, and between their threads. Each fixture says itself what must come out. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(['process', 'thread'])('with another %s,', (way) => {
  test.each(['blocked', 'async'])('putting into a full queue waits for room (%s)', async (wait) => {
    await resultOf(import.meta.url, 'queue-blocking', { way, wait });
  });

  describe('a consumer that waits', () => {
    test.each([
      ['ends', 'blocked'],
      ['ends', 'async'],
      ['closes', 'blocked'],
      ['terminated-starting', 'blocked'],
      ['waits-too', 'blocked'],
    ])('learns within 2 s that nobody is left when the last producer %s (%s)', async (ending, wait) => {
      await resultOf(import.meta.url, 'queue-nobody-left', { way, ending, wait });
    });

    test.each([
      ['is alive', 'alive', 'blocked'],
      ['is alive', 'alive', 'async'],
      ['is only starting', 'starting', 'blocked'],
      ['is yet to receive the queue from a message', 'under-way', 'blocked'],
    ])('waits on while a producer %s', async (_name, who, wait) => {
      await resultOf(import.meta.url, 'queue-somebody-left', { way, who, wait });
    });
  });

  test('both may wait asynchronously for what either puts in', async () => {
    await resultOf(import.meta.url, 'queue-both-wait', { way });
  });

  test.each([
    ['is joined when all is done with', 'joinable'],
    ['waits for its reader once it is full', 'simple'],
    ['wakes who waits when it is shut down', 'shutdown'],
  ])('a queue %s', async (_name, kind) => {
    await resultOf(import.meta.url, 'queue-kinds', { way, kind });
  });

  test('queues, locks and dicts that went through a queue work where they arrive', async () => {
    await resultOf(import.meta.url, 'queue-carries', { way });
  });
});

test.each([
  ['killed', 'blocked'],
  ['killed', 'async'],
  ['killed-starting', 'blocked'],
])('a consumer that waits learns that nobody is left when the last producer is %s (%s)', async (ending, wait) => {
  await resultOf(import.meta.url, 'queue-nobody-left', { ending, wait });
});
