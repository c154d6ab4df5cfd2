/** Very many objects and processes: each works, and memory and descriptors are as before when they are gone. */
import os from 'node:os';
import { test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';

/** On one processor two hundred processes need twice as long. */
const TIMEOUT_MS = os.availableParallelism() > 1 ? 150_000 : 300_000;
const MEBIBYTE = 1024 ** 2;
/** What a process needs of its own, and some more. */
const PROCESS_BYTES = 30 * MEBIBYTE;

refuseLeaks();

test.each([
  ['locks', 10_000],
  ['pipes', 1000],
])(
  '%s, %i of them',
  async (what, count) => {
    await resultOf(import.meta.url, 'many', { what, count }, { timeoutMs: TIMEOUT_MS });
  },
  TIMEOUT_MS + 10_000,
);

test(
  '200 processes that are alive at once',
  async ({ skip }) => {
    const needed = 200 * PROCESS_BYTES;
    if (os.freemem() < needed) skip(`only ${Math.round(os.freemem() / MEBIBYTE)} MiB of memory are free`);
    await resultOf(import.meta.url, 'many', { what: 'processes', count: 200 }, { timeoutMs: TIMEOUT_MS });
  },
  TIMEOUT_MS + 10_000,
);
