import os from 'node:os';
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf } from '../run-fixture.ts';
import { longStress, printedSeed } from '../seed.ts';

const TIMEOUT_MS = longStress ? 600_000 : 50_000;
const KILLS = longStress ? 200 : 12;
const MEBIBYTE = 1024 ** 2;

refuseLeaks();

async function traffic(
  params: Readonly<Record<string, string | number>>,
): Promise<Readonly<Record<'sent' | 'missing' | 'unsaid' | 'wrongSums' | 'left' | 'slowestMs' | 'lostBytes', number>>> {
  const seed = printedSeed(`queue, ${JSON.stringify(params)}`);
  const options = { timeoutMs: TIMEOUT_MS };
  return (await resultOf(import.meta.url, 'queue-traffic', { ...params, seed }, options)) as Awaited<
    ReturnType<typeof traffic>
  >;
}

describe('a queue', () => {
  test.each([
    [1, 1, 0, 20_000],
    [2, 1, 1, 4000],
    [8, 8, 0, 1500],
    [32, 32, 5, 60],
  ])(
    'of %i producers and %i consumers (capacity %i) loses nothing, doubles nothing and keeps the order of each',
    async (producers, consumers, capacity, times) => {
      const messages = longStress ? times * 20 : times;
      const result = await traffic({ producers, consumers, capacity, messages });
      expect({ ...result, slowestMs: 0 }).toEqual({
        sent: producers * messages,
        missing: 0,
        unsaid: 0,
        wrongSums: 0,
        left: 0,
        slowestMs: 0,
        lostBytes: 0,
      });
    },
    TIMEOUT_MS + 10_000,
  );

  test(
    `survives the deaths of ${KILLS} producers: nothing is half, and what the living put in arrives`,
    async () => {
      const result = await traffic({ producers: 3, consumers: 2, messages: 100, kills: KILLS, victims: 'producers' });
      expect(result).toMatchObject({ missing: 0, wrongSums: 0, left: 0 });
      expect(result.unsaid).toBeLessThanOrEqual(KILLS);
      expect(result.slowestMs).toBeLessThan(2000);
      expect(result.lostBytes).toBeLessThanOrEqual(0);
    },
    TIMEOUT_MS + 10_000,
  );

  test(
    `survives the deaths of ${KILLS} consumers: each takes no more than one message with it`,
    async () => {
      const result = await traffic({ producers: 2, consumers: 3, messages: 100, kills: KILLS, victims: 'consumers' });
      expect(result).toMatchObject({ unsaid: 0, left: 0 });
      expect(result.missing).toBeLessThanOrEqual(KILLS);
      expect(result.slowestMs).toBeLessThan(2000);
      expect(result.lostBytes).toBeLessThanOrEqual(0);
    },
    TIMEOUT_MS + 10_000,
  );

  test(
    'carries a million small messages, and all memory comes back',
    async () => {
      await resultOf(import.meta.url, 'queue-volume', { messages: 1_000_000 }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );

  test(
    'carries a message of 256 MiB, and all memory comes back',
    async ({ skip }) => {
      if (os.freemem() < 1500 * MEBIBYTE) skip(`only ${Math.round(os.freemem() / MEBIBYTE)} MiB of memory are free`);
      await resultOf(import.meta.url, 'queue-volume', { bytes: 256 * MEBIBYTE }, { timeoutMs: TIMEOUT_MS });
    },
    TIMEOUT_MS + 10_000,
  );
});
