import { expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const OPERATIONS = longStress ? 5_000_000 : 1_000_000;
const TIMEOUT_MS = longStress ? 600_000 : 150_000;
/** Most pieces that are in use at a time: 48 for each worker, 32 on their way, and what the lab itself needs. */
const MOST_IN_USE = 8 * 48 + 32 + 50;

refuseLeaks();

test.each([
  ['of all sizes', 2000, 0],
  ['of all sizes, and some are killed', 2000, 12],
  ['of one size', 64, 0],
  ['of one size, and some are killed', 64, 12],
])(
  'eight processes allocate and free pieces %s: nothing overlaps, nothing is lost but what the dead had',
  async (_name, largest, kills) => {
    const seed = printedSeed(`arena, pieces up to ${largest} bytes, ${kills} kills`);
    const params = { processes: 8, operations: OPERATIONS, kills, largest, seed };
    const options = { timeoutMs: TIMEOUT_MS, memoryBytes: 64 * 1024 * 1024 };
    const result = (await resultOf(import.meta.url, 'arena-churn', params, options)) as Record<string, number>;
    expect(result).toMatchObject({ overlaps: 0, usedBytes: true });
    expect(result['operations']).toBeGreaterThanOrEqual(OPERATIONS);
    expect(result['leftByKilled']).toBeLessThanOrEqual(kills * 49);
    expect(result['leftByOthers']).toBeLessThanOrEqual(kills);
    if (largest === 64) {
      const cut = (result['cutPieces'] ?? 0) - (result['leftByKilled'] ?? 0);
      expect(cut, 'what was freed is used again').toBeLessThanOrEqual(MOST_IN_USE + kills);
    }
    expect(result['unreadTasks']).toBeLessThanOrEqual(kills);
  },
  TIMEOUT_MS + 10_000,
);
