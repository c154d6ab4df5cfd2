/** What pipes do between operating-system processes, and between their threads. Each fixture says itself what must come out. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(['recv', 'recvAsync', 'poll', 'send', 'sendAsync'])('who waits in %s', (act) => {
  test.each([
    ['process', 'ends'],
    ['process', 'closes'],
    ['process', 'killed'],
    ['thread', 'ends'],
    ['thread', 'closes'],
  ])('learns within 2 s that the %s at the other end %s', async (way, ending) => {
    await resultOf(import.meta.url, 'pipe-other-end', { way, ending, act });
  });
});

test.each([
  ['process', 64],
  ['process', 65_536],
  ['thread', 64],
  ['thread', 65_536],
])('main and a %s play ping-pong with messages of %i bytes', async (way, bytes) => {
  await resultOf(import.meta.url, 'pipe-ping-pong', { way, bytes });
});
