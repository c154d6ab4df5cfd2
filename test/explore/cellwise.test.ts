/** The primitives that ship, each access of a cell a step: complete where that ends in time, with at most two preemptions where it does not. */
import { describe, expect, test } from 'vitest';
import { runReplay } from '#supervisor/explore/run-explore';
import type { ExploreReport } from '#src/report/explore.js';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { exploredOnce, outcomesOf } from './asked.ts';

const CELLWISE = fixtureFile(import.meta.url, 'cellwise');
const PATIENT = { timeout: 300_000 };

leaveNothing();

const cellwise = (what: string, actors: number, preemptions = -1): Promise<ExploreReport> =>
  exploredOnce(CELLWISE, { params: { what, actors }, granularity: 'cell', preemptions });

describe('each operation a step: every interleaving of three actors', PATIENT, () => {
  test.each([
    ['Lock', 6],
    ['RLock', 6],
    ['SpinLock', 6],
    ['TicketLock', 20],
    ['Semaphore', 6],
    ['BoundedSemaphore', 6],
    ['Event', 20],
    ['Condition', 300],
    ['Barrier', 100],
    ['RwLock', 100],
  ])('of %s', async (what, fewest) => {
    const report = await exploredOnce(CELLWISE, { params: { what, actors: 3 } });
    expect(report).toMatchObject({ verdict: 'PROVEN', granularity: 'operation', complete: true, canary: true });
    expect(outcomesOf(report)).toEqual(new Set(['3']));
    expect(report.schedules).toBeGreaterThanOrEqual(fewest);
  });
});

describe('each access of a cell a step: every interleaving of two actors', PATIENT, () => {
  test.each(['Lock', 'RLock', 'SpinLock', 'TicketLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Queue'])(
    'of %s',
    async (what) => {
      const report = await cellwise(what, 2);
      expect(report).toMatchObject({ verdict: 'PROVEN', granularity: 'cell', canary: true });
      expect(report.schedules).toBeGreaterThanOrEqual(4);
    },
  );
});

/** What there are too many interleavings of for every run of the tests: more preemptions in the long form. */
const LONG_FORM = process.env['IPC_LAB_STRESS'] === '1';
const LONG = LONG_FORM ? 2 : 1;

describe(
  'each access of a cell a step: every interleaving of three actors with so many preemptions at most',
  PATIENT,
  () => {
    test.each([
      ['Lock', 2, 300],
      ['RLock', 2, 1000],
      ['SpinLock', 2, 300],
      ['TicketLock', LONG, 300],
      ['Semaphore', 2, 1000],
      ['BoundedSemaphore', 2, 1000],
      ['Event', 2, 500],
      ['Queue', 2, 5000],
      ['Condition', LONG, 500],
      ['Barrier', LONG, 500],
      ['RwLock', LONG, 500],
    ])('of %s: %i', async (what, preemptions, fewest) => {
      const report = await cellwise(what, 3, preemptions);
      const bound = `at most ${preemptions === 1 ? '1 preemption' : `${preemptions} preemptions`}`;
      expect(report).toMatchObject({ verdict: 'INCOMPLETE', complete: false, bound });
      expect(outcomesOf(report)).toEqual(new Set(['3']));
      expect(report.schedules).toBeGreaterThan(fewest);
    });
  },
);

describe('without a compare-and-exchange that is one step', PATIENT, () => {
  test.each([
    ['Lock', 2],
    ['RLock', 2],
    ['SpinLock', 2],
    ['TicketLock', 2],
    ['Semaphore', 2],
    ['BoundedSemaphore', 2],
    ['Condition', 2],
    ['Barrier', 2],
    ['RwLock', 2],
  ])('%s is caught', async (what, actors) => {
    await isCaught({ params: { what: `${what}WithoutCompareExchange`, actors }, preemptions: 2 });
  });

  test('Queue is caught by random schedules: depth first, it takes half a minute', async () => {
    await isCaught({ params: { what: 'QueueWithoutCompareExchange', actors: 3 }, random: 20_000, seed: 1 });
  });

  async function isCaught(asked: Parameters<typeof exploredOnce>[1]): Promise<void> {
    const report = await exploredOnce(CELLWISE, { ...asked, granularity: 'cell', first: true });
    expect(report).toMatchObject({ verdict: 'VIOLATION', complete: false });
    expect(report.bound).toContain('stopped at the first that goes wrong');
  }
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
  const asked = { params: { fork: 'left' }, granularity: 'cell' } as const;
  const report = await exploredOnce('dining-philosophers', LONG_FORM ? asked : { ...asked, preemptions: 2 });
  expect(report.complete).toBe(LONG_FORM);
  expect(report.deadlocks).toMatchObject([
    {
      schedules: LONG_FORM ? 1 : expect.any(Number),
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
