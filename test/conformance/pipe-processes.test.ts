/** What pipes do between operating-system processes. Each fixture says itself what must come out. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(['recv', 'recvAsync', 'poll', 'send', 'sendAsync'])('who waits in %s', (act) => {
  test.each(['ends', 'closes', 'killed'])('learns within 2 s that the other end %s', async (ending) => {
    await resultOf(import.meta.url, 'pipe-other-end', { ending, act });
  });
});

test.each([
  [2, 64],
  [2, 65_536],
])('%i processes play ping-pong with messages of %i bytes', async (_count, bytes) => {
  await resultOf(import.meta.url, 'pipe-ping-pong', { bytes });
});
