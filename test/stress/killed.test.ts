/** Kills cost nothing that stays: after any number of them memory and descriptors are as before. */
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

const TIMEOUT_MS = 150_000;

refuseLeaks();

test.each([
  ['pipes of children that end', 200],
  ['pipe senders', 15],
  ['pipe senders', 30],
  ['pipe receivers', 15],
  ['pipe receivers', 30],
  ['queue producers', 15],
  ['queue producers', 30],
  ['queue consumers', 15],
  ['queue consumers', 30],
  ['dict clients', 15],
  ['dict clients', 30],
  ['managers', 8],
  ['managers', 16],
])(
  '%s, %i times',
  async (what, count) => {
    await resultOf(import.meta.url, 'killed', { what, count }, { timeoutMs: TIMEOUT_MS });
  },
  TIMEOUT_MS + 10_000,
);
