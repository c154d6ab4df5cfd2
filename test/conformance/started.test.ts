/** What holds for every process and every thread that a lab starts. Each fixture says itself what must come out. */
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf, runFixture } from '../run-fixture.ts';

refuseLeaks();

describe.each(['process', 'thread'])('a %s', (way) => {
  test('is made, started, joined and closed, and refuses what comes at the wrong time', async () => {
    await resultOf(import.meta.url, 'started-life', { way });
  });

  test('has an exit code for every way to end, and the run says which failed', async () => {
    const { ok, failures, processes } = await runFixture(import.meta.url, 'started-endings', { way });
    expect(ok).toBe(true);
    expect(failures.map(({ process, message }) => `${process} ${message}`)).toEqual([
      'end-9 throws',
      'end-10 rejects',
      'end-11 throws',
      'end-12 throws',
      'end-13 nothing is left that could settle the promise it returned',
    ]);
    expect(processes.slice(1).map(({ thread }) => thread === true)).toEqual(
      processes.slice(1).map(() => way === 'thread'),
    );
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(way === 'thread' ? 1 : processes.length);
  });
});
