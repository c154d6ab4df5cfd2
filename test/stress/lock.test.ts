import { describe, expect, test } from 'vitest';
import { ALL_LOCK_KINDS } from '../any-lock.ts';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const TIMES = longStress ? 200_000 : 20_000;
/** Of holders, per kind of lock. */
const KILLS = 50;
const TIMEOUT_MS = longStress ? 600_000 : 150_000;

refuseLeaks();

describe.each(ALL_LOCK_KINDS)('%s', (kind) => {
  test.each(longStress ? [2, 3, 8, 16] : [2, 3, 16])(
    'keeps a counter of %i processes exact, in whatever way they acquire it',
    async (processes) => {
      const seed = printedSeed(`${kind} with ${processes} processes`);
      const times = Math.ceil((TIMES * 2) / processes);
      await resultOf(import.meta.url, 'lock-counting', { kind, processes, times, seed }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );

  test.each(['thread', 'mixed'])(
    'keeps a counter exact that is counted up by 4 in this way: %s',
    async (way) => {
      const seed = printedSeed(`${kind} with 4, ${way}`);
      const params = { way, kind, processes: 4, times: TIMES / 2, seed };
      await resultOf(import.meta.url, 'lock-counting', params, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );

  test.skipIf(kind === 'FileLock').each(['thread', 'inside'])(
    `survives the deaths of threads that hold it (%s)`,
    async (way) => {
      const kills = KILLS / 5;
      const seed = printedSeed(`${kind} with killed holders, ${way}`);
      const params = { way, kind, workers: 3, kills, seed };
      const result = await resultOf(import.meta.url, 'lock-kills', params, { timeoutMs: TIMEOUT_MS });
      const { killed = 0, takeOvers, slowestMs, uncounted, ...rest } = result as Record<string, number>;
      expect(rest).toEqual({ equal: true, locked: false });
      expect(takeOvers).toBeGreaterThanOrEqual(kills);
      expect(takeOvers).toBeLessThanOrEqual(killed);
      expect(slowestMs).toBeLessThan(2000);
      expect(uncounted).toBeGreaterThanOrEqual(0);
      expect(uncounted).toBeLessThanOrEqual(killed);
    },
    TIMEOUT_MS + 10_000,
  );

  // Who gets a FileLock from the dead does not hear of it.
  test.skipIf(kind === 'FileLock').each(longStress ? [2, 3, 8] : [3])(
    `survives the deaths of ${KILLS} holders among %i workers: one takes over, all go on within 2 s`,
    async (workers) => {
      const seed = printedSeed(`${kind} with killed holders, ${workers} workers`);
      const options = { timeoutMs: TIMEOUT_MS };
      const result = await resultOf(import.meta.url, 'lock-kills', { kind, workers, kills: KILLS, seed }, options);
      const { killed, takeOvers, slowestMs, uncounted, ...rest } = result as Record<string, number>;
      expect(rest).toEqual({ equal: true, locked: false });
      expect(takeOvers).toBeGreaterThanOrEqual(KILLS);
      expect(takeOvers).toBeLessThanOrEqual(killed ?? 0);
      expect(slowestMs).toBeLessThan(2000);
      expect(uncounted).toBeGreaterThanOrEqual(0);
      expect(uncounted).toBeLessThanOrEqual(killed ?? 0);
    },
    TIMEOUT_MS + 10_000,
  );
});
