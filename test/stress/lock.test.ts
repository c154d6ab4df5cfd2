import { describe, test } from 'vitest';
import { ALL_LOCK_KINDS } from '../any-lock.ts';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const TIMES = longStress ? 200_000 : 10_000;
const TIMEOUT_MS = longStress ? 600_000 : 150_000;

refuseLeaks();

describe.each(ALL_LOCK_KINDS)('%s', (kind) => {
  test.each(longStress ? [2, 3, 8, 16] : [3])(
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
});
