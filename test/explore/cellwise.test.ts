/** The primitives that ship, each access of a cell a step: complete where that ends in time, with at most two preemptions where it does not. */
import { describe, expect, test } from 'vitest';
import { runReplay } from '#src/explore/run-explore.js';
import type { ExploreReport } from '#src/report/explore.js';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { exploredOnce, outcomesOf } from './asked.ts';

const CELLWISE = fixtureFile(import.meta.url, 'cellwise');
const PATIENT = { timeout: 300_000 };

leaveNothing();

const cellwise = (what: string, actors: number, preemptions = -1): Promise<ExploreReport> =>
  exploredOnce(CELLWISE, { params: { what, actors }, granularity: 'cell', preemptions });

describe('with two actors, every interleaving', PATIENT, () => {
  test.each(['Lock', 'RLock', 'Queue'])('of %s', async (what) => {
    const report = await cellwise(what, 2);
    expect(report).toMatchObject({ verdict: 'PROVEN', granularity: 'cell', canary: true });
    expect(report.schedules).toBeGreaterThan(20);
  });
});

describe('with three actors, every interleaving with at most two preemptions', PATIENT, () => {
  test.each([
    ['Lock', 300],
    ['RLock', 1000],
    ['Queue', 5000],
  ])('of %s', async (what, fewest) => {
    const report = await cellwise(what, 3, 2);
    expect(report).toMatchObject({ verdict: 'INCOMPLETE', complete: false, bound: 'at most 2 preemptions' });
    expect(outcomesOf(report)).toEqual(new Set(['3']));
    expect(report.schedules).toBeGreaterThan(fewest);
  });
});

describe('without a compare-and-exchange that is one step', PATIENT, () => {
  test.each(['Lock', 'RLock', 'Queue'])('%s is caught', async (what) => {
    const report = await cellwise(`${what}WithoutCompareExchange`, what === 'Queue' ? 3 : 2, 2);
    expect(report.verdict).toBe('VIOLATION');
  });
});

describe('a lock whose slow path forgets the other sleepers', PATIENT, () => {
  test('passes every interleaving of two actors', async () => {
    expect(await cellwise('LockWithoutWaitersBit', 2)).toMatchObject({ verdict: 'PROVEN' });
  });

  test('lets one of three sleep for ever, and the token shows it again', async () => {
    const report = await cellwise('LockWithoutWaitersBit', 3, 2);
    expect(report.verdict).toBe('VIOLATION');
    expect(report.deadlocks.flatMap(({ cycle }) => cycle)).toContain('C sleeps on lock, and nobody wakes it');
    const token = report.deadlocks[0]?.token ?? '';
    expect(await runReplay(token, { timeoutMs: 240_000 })).toMatchObject({
      granularity: 'cell',
      runs: 10,
      same: 10,
      outcome: expect.stringMatching(/^deadlock: . sleeps on lock, and nobody wakes it$/),
    });
  });
});

test('philosophers sleep on the forks that their neighbours hold', PATIENT, async () => {
  const report = await exploredOnce('dining-philosophers', { params: { first: 'left' }, granularity: 'cell' });
  expect(report.deadlocks).toMatchObject([
    {
      schedules: 1,
      cycle: [
        'A sleeps on fork 1, which B holds',
        'B sleeps on fork 2, which C holds',
        'C sleeps on fork 0, which A holds',
      ],
    },
  ]);
});

test.each(['operation', 'cell'] as const)('threads do what processes do (%s)', PATIENT, async (granularity) => {
  const asked = { params: { processes: 3, steps: 2 }, granularity, reduction: false };
  const [threads, processes] = [
    await exploredOnce('lost-update', { ...asked, threads: true, params: { ...asked.params, lock: 'none' } }),
    await exploredOnce('lost-update', { ...asked, params: { ...asked.params, lock: 'none' } }),
  ];
  expect(threads.threads).toBe(true);
  expect(threads.outcomes).toEqual(processes.outcomes);
  expect(threads.schedules).toBe(90);
});
