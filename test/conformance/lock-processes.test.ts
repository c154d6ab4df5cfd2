/** What a lock does between operating-system processes, and between their threads. Each fixture says itself what must come out. */
import { describe, expect, test } from 'vitest';
import { ALL_LOCK_KINDS, LOCK_KINDS, SILENT_LOCK_KINDS } from '../any-lock.ts';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

refuseLeaks();

describe.each(ALL_LOCK_KINDS.flatMap((kind) => [[kind, 'process'] as const, [kind, 'thread'] as const]))(
  '%s and another %s',
  (kind, way) => {
    test('blocks it while another holds it, for a time or until it is released', async () => {
      await resultOf(import.meta.url, 'lock-handover', { kind, way });
    });

    test.runIf(LOCK_KINDS.some((each) => each === kind)).each(['blocked', 'async'])(
      'whose holder is ended tells a waiter (%s) within 2 s, and goes to one who takes it over',
      async (wait) => {
        await resultOf(import.meta.url, 'lock-owner-killed', { kind, way, wait });
      },
    );

    test('lets the event loop and the file system go on while eight waits are pending', async () => {
      await resultOf(import.meta.url, 'lock-event-loop', { kind, way });
    });
  },
);

const SILENT = SILENT_LOCK_KINDS.flatMap((kind) => [[kind, 'process'] as const, [kind, 'thread'] as const]);

describe.each(SILENT)('%s whose holder, another %s, is ended', (kind, way) => {
  test.each(['blocked', 'async'])('goes to who waits (%s) within 2 s', async (wait) => {
    await resultOf(import.meta.url, 'silent-lock-killed', { kind, way, wait });
  });
});

test.each(LOCK_KINDS.flatMap((kind) => [[kind, 'process'] as const, [kind, 'thread'] as const]))(
  '%s is released by another %s only if it has no owner',
  async (kind, way) => {
    await resultOf(import.meta.url, 'lock-release-by-other', { kind, way });
  },
);

describe.each(['process', 'thread'])('shared values, with another %s,', (way) => {
  test('of every type code arrive there as they were', async () => {
    await resultOf(import.meta.url, 'value-round-trip', { way });
  });

  test('are exact when their lock is held around both accesses', async () => {
    expect(await resultOf(import.meta.url, 'shared-counting', { way })).toEqual([8000, 8000, 8000, 8000]);
  });

  test('may lose updates under the lock of each access alone, but invent none', async () => {
    const result = await resultOf(import.meta.url, 'shared-counting', { way, hold: 'false' });
    for (const count of result as number[]) {
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(8000);
    }
  });
});
