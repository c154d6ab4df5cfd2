/** The numbers that combinatorics gives, against what real processes do. */
import { describe, expect, test } from 'vitest';
import { leaveNothing } from '../integration/nothing-left.ts';
import { longStress } from '../seed.ts';
import type { ExploreReport } from '#src/report/explore.js';
import { explored, exploredOnce, outcomesOf } from './asked.ts';
import { programsThatShip } from './programs-that-ship.ts';

leaveNothing();
const PATIENT = { timeout: 300_000 };
const programs = await programsThatShip();

describe('two processes that load, add and store', PATIENT, () => {
  test('have 20 schedules: 18 lose an update, 2 do not', async () => {
    const report = await exploredOnce('lost-update', { params: { lock: 'none' }, reduction: false });
    expect(report).toMatchObject({ verdict: 'VIOLATION', complete: true, schedules: 20, redundant: 0, steps: 6 });
    expect(report.outcomes.map(({ outcome, schedules, grade }) => ({ outcome, schedules, grade }))).toEqual([
      { outcome: 2, schedules: 2, grade: 'acceptable' },
      { outcome: 1, schedules: 18, grade: 'forbidden' },
    ]);
  });
});

describe('processes that load and store', PATIENT, () => {
  test.each([
    { processes: 2, increments: 1, schedules: 6, right: 2, smallest: 1 },
    { processes: 2, increments: 2, schedules: 70, right: 6, smallest: 2 },
    { processes: 2, increments: 3, schedules: 924, right: 20, smallest: 2 },
    { processes: 3, increments: 1, schedules: 90, right: 6, smallest: 1 },
    ...(longStress
      ? [
          { processes: 2, increments: 5, schedules: 184_756, right: 252, smallest: 2 },
          { processes: 3, increments: 2, schedules: 34_650, right: 90, smallest: 2 },
        ]
      : []),
  ])(
    '$processes × $increments: $schedules schedules, $right right, at least $smallest',
    async ({ processes, increments, schedules, right, smallest }) => {
      const params = { processes, increments, steps: 2, lock: 'none' };
      const report = await exploredOnce('lost-update', { params, reduction: false });
      expect(report).toMatchObject({ schedules, complete: true, verdict: 'VIOLATION' });
      const found = report.outcomes.map(({ outcome, schedules: count }) => [outcome as number, count] as const);
      expect(found.reduce((sum, [, count]) => sum + count, 0)).toBe(schedules);
      expect(new Map(found).get(processes * increments)).toBe(right);
      expect(Math.min(...found.map(([outcome]) => outcome))).toBe(smallest);
      const reduced = await exploredOnce('lost-update', { params });
      expect(outcomesOf(reduced)).toEqual(outcomesOf(report));
      expect(reduced.schedules).toBeLessThan(schedules);
    },
  );
});

describe('an addition that nothing divides', PATIENT, () => {
  test.each([
    { lock: 'mutex', processes: 2 },
    { lock: 'mutex', processes: 3 },
    { lock: 'atomic', processes: 2 },
    { lock: 'atomic', processes: 3 },
  ])('$lock, $processes processes: proven', async (params) => {
    const report = await exploredOnce('lost-update', { params });
    expect(report).toMatchObject({ verdict: 'PROVEN', complete: true, bound: null, canary: true, deadlocks: [] });
    expect(outcomesOf(report)).toEqual(new Set([String(params.processes)]));
  });
});

function fewestPreemptions({ outcomes }: ExploreReport): ReadonlyMap<string, number> {
  return new Map(outcomes.map(({ outcome, preemptions }) => [JSON.stringify(outcome), preemptions]));
}

describe('reduction', PATIENT, () => {
  test.each(programs)('$name: the same outcomes from fewer schedules', async ({ name }) => {
    const [all, reduced] = [await explored(name, { reduction: false }), await explored(name)];
    for (const [i, report] of all.entries()) {
      const other = reduced[i]!;
      expect({ ...report.params, complete: report.complete }).toEqual({ ...other.params, complete: true });
      expect(outcomesOf(other)).toEqual(outcomesOf(report));
      expect(other.verdict).toBe(report.verdict);
      // The reduction runs one order of several that lead to the same, and the example is the plainest all the same.
      expect(fewestPreemptions(other)).toEqual(fewestPreemptions(report));
      expect(other.schedules).toBeLessThanOrEqual(report.schedules);
    }
    const sum = (reports: typeof all): number => reports.reduce((total, { schedules }) => total + schedules, 0);
    expect(sum(reduced)).toBeLessThan(sum(all));
  });
});
