/** What pipes of the operating system do between processes, and between threads. Each fixture says itself what must come out. */
import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(['process', 'thread'])('with another %s', (way) => {
  test.each(['blocked', 'async'])('a stream arrives whole, and ends (%s)', async (wait) => {
    await resultOf(import.meta.url, 'os-pipe-stream', { way, wait });
  });

  describe.each(['read', 'readAsync', 'write', 'writeAsync'])('who waits in %s', (act) => {
    test.each(['ends', 'closes', 'killed'])('learns within 2 s that the other end %s', async (ending) => {
      await resultOf(import.meta.url, 'os-pipe-other-end', { way, ending, act });
    });
  });
});
