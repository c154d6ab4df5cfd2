/** Kills cost nothing that stays: after any number of them memory and descriptors are as before. */
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress } from '../seed.ts';

const TIMEOUT_MS = 150_000;

refuseLeaks();

/** Some kills, and twice as many: what stays must not grow with them. */
const KILLS = longStress ? [15, 30] : [3, 6];

test.each([
  ['pipes of children that end', longStress ? 200 : 20],
  ...['pipe senders', 'pipe receivers', 'queue producers', 'queue consumers', 'dict clients', 'managers'].flatMap(
    (what): [string, number][] => KILLS.map((kills) => [what, kills]),
  ),
] as const)(
  '%s, %i times',
  async (what, count) => {
    await resultOf(import.meta.url, 'killed', { what, count }, { timeoutMs: TIMEOUT_MS });
  },
  TIMEOUT_MS + 10_000,
);
