/** A race with locks that do not lock, and with a racer that dies; what a race comes to. */
import { describe, expect, test } from 'vitest';
import { BrokenPipe } from '#src/cli/broken-pipe.js';
import { race } from '#src/cli/race.js';
import { verdictOf } from '#src/race/run-race.js';
import { runRace } from '#supervisor/race/run-race';
import type { RaceReport } from '#src/report/race.js';

const BROKEN_LOCKS = new URL('../../dist/test/integration/fixtures/broken-locks.js', import.meta.url).href;

describe('locks that do not lock', () => {
  const io = (written: string[]): Parameters<typeof race>[1] => {
    const stream = { write: (text: string) => written.push(text) > 0, on: () => stream, off: () => stream };
    return { stdout: stream, stderr: stream, env: {}, on: () => {}, off: () => {} } as unknown as Parameters<
      typeof race
    >[1];
  };
  const planned = {
    kind: 'race',
    processes: 2,
    // Long enough that the racers meet also where other programs have the processors: a few time slices.
    iterations: 100_000_000,
    trials: 1,
    timeoutMs: 50_000,
    large: false,
    ascii: true,
  } as const;

  test.each(['open', 'early'])('%s is caught, with a witness and exit code 1', async (lock) => {
    const written: string[] = [];
    const fake = io(written);
    const status = await race({ ...planned, locks: [lock], json: true }, fake, new BrokenPipe(fake), BROKEN_LOCKS);
    const report = JSON.parse(written.join('')) as RaceReport;
    expect(status).toBe(1);
    expect(report).toMatchObject({ ok: false, verdict: 'lock-lost-updates' });
    expect(report.runs).toHaveLength(1);
    expect(report.runs[0]?.lost).toBeGreaterThan(0);
    expect(report.runs[0]?.witness).not.toBeNull();
  });

  test('a racer that dies ends the race at once, with its name', async () => {
    const started = performance.now();
    await expect(
      runRace({ locks: ['deadly'], processes: 2, iterations: 1000, trials: 1 }, {}, BROKEN_LOCKS),
    ).rejects.toMatchObject({ code: 'ERR_IPC_CHILD_FAILED', message: expect.stringMatching(/racer-[12]/) });
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('the verdict', () => {
  const none = (lost: number) => ({ lock: 'none', lost });
  const mutex = (lost: number) => ({ lock: 'mutex', lost });
  expect(verdictOf([none(1)])).toBe('as-announced');
  expect(verdictOf([none(1), mutex(0)])).toBe('as-announced');
  expect(verdictOf([none(0), mutex(0)])).toBe('inconclusive');
  expect(verdictOf([none(0), mutex(1)])).toBe('lock-lost-updates');
  expect(verdictOf([mutex(-1)])).toBe('lock-lost-updates');
});
