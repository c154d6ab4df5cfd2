/** Whoever uses a primitive is killed at random moments; the others go on. The long form is `npm run chaos`. */
import { describe, expect, test } from 'vitest';
import { LOCK_KINDS } from '../any-lock.ts';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';
import { DRILLS } from './drills.ts';
import type { ChaosResult } from './fixtures/chaos.ts';

const KILLS = longStress ? 200 : 3;
const TIMEOUT_MS = longStress ? 600_000 : 120_000;

refuseLeaks();

async function survives(primitive: string, way: string, kills: number): Promise<void> {
  const seed = printedSeed(`chaos, ${primitive}, ${way}`);
  const params = { primitive, way, kills, seed };
  const result = (await resultOf(import.meta.url, 'chaos', params, { timeoutMs: TIMEOUT_MS })) as ChaosResult;
  expect(result.kills).toBe(kills);
  expect(result.slowestMs).toBeLessThan(2000);
}

describe.each(Object.keys(DRILLS))('%s', (primitive) => {
  test(
    `survives the deaths of ${KILLS} processes that use it`,
    async () => {
      await survives(primitive, 'process', KILLS);
    },
    TIMEOUT_MS + 10_000,
  );
});

describe.each(LOCK_KINDS)('%s', (primitive) => {
  test.each(['thread', 'inside'])(
    'survives the deaths of threads that use it (%s)',
    async (way) => {
      await survives(primitive, way, KILLS);
    },
    TIMEOUT_MS + 10_000,
  );
});
