import { describe, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const TIMES = longStress ? 20_000 : 1000;
const TIMEOUT_MS = longStress ? 600_000 : 60_000;

refuseLeaks();

describe.each(['Semaphore', 'BoundedSemaphore', 'Event', 'Condition', 'Barrier', 'RwLock'])('%s', (kind) => {
  test.each(longStress ? [2, 3, 16] : [3])(
    'keeps its promises among %i processes',
    async (processes) => {
      const seed = printedSeed(`${kind} with ${processes} processes`);
      const times = Math.ceil((TIMES * 2) / processes);
      await resultOf(import.meta.url, 'sync-traffic', { kind, processes, times, seed }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );
});
