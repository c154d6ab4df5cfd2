/** Actors that throw, hang, die, depend on chance or hide what they do: each is reported, and nothing is left. */
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { runReplay } from '#supervisor/explore/run-explore';
import type { ExploreReport } from '#src/report/explore.js';
import { runScenario } from '#src/scenario/run-scenario.js';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { explored, exploredOnce, outcomesOf } from './asked.ts';

const BEHAVES = fixtureFile(import.meta.url, 'behaves');
const ODD_SHAPES = fixtureFile(import.meta.url, 'odd-shapes');
const PATIENT = { timeout: 300_000 };

leaveNothing();

const behaving = (what: string, reduction = true): Promise<ExploreReport> =>
  exploredOnce(BEHAVES, { params: { what }, reduction });

async function replayed(token: string): Promise<unknown> {
  const report = await runReplay(token, { timeoutMs: 240_000 });
  expect(report).toMatchObject({ token, runs: 10, same: 10 });
  return report?.outcome;
}

describe('an actor that throws', PATIENT, () => {
  test('is a forbidden outcome, and the others go on', async () => {
    const report = await behaving('throws', false);
    expect(report).toMatchObject({ verdict: 'VIOLATION', complete: true, schedules: 6, deadlocks: [] });
    expect(report.outcomes).toEqual([
      expect.objectContaining({ outcome: 'A threw TypeError: the soup is cold', failed: true, grade: 'forbidden' }),
    ]);
    expect(await replayed(report.outcomes[0]?.token ?? '')).toBe('A threw TypeError: the soup is cold');
  });

  test('while it holds a lock: what it threw comes first, who waits for ever after it', async () => {
    const report = await behaving('throws-holding');
    expect(outcomesOf(report)).toEqual(
      new Set(['"A threw Error: kept it"', '"A threw Error: kept it; deadlock: B waits for lock, which A holds"']),
    );
    expect(report.verdict).toBe('VIOLATION');
  });

  test('before its first step, as all the others do', async () => {
    const report = await behaving('throws-at-once');
    expect(report).toMatchObject({ verdict: 'VIOLATION', schedules: 1, steps: 0 });
    expect(outcomesOf(report)).toEqual(new Set(['"A threw Error: no step for 0; B threw Error: no step for 1"']));
  });

  test('from a primitive: the step is shown in the replay all the same', async () => {
    const report = await behaving('releases-what-it-has-not');
    const [only] = report.outcomes;
    expect(only?.outcome).toBe('A threw IpcError: lock was released, but nobody holds it');
    expect(await replayed(only?.token ?? '')).toBe(only?.outcome);
  });

  test('when it tells the outcome', async () => {
    const report = await behaving('nothing');
    expect(report).toMatchObject({ verdict: 'VIOLATION', schedules: 1 });
    expect(outcomesOf(report)).toEqual(new Set(['"outcome() threw RangeError: nothing came out"']));
  });
});

describe('an actor whose steps are no function of the schedule', PATIENT, () => {
  test.each(['random-at-the-end', 'counts-its-calls'])(
    'is noticed when only the end depends on it: %s',
    async (what) => {
      await expect(behaving(what)).rejects.toMatchObject({
        code: 'ERR_IPC_EXPLORATION_FAILED',
        message: expect.stringMatching(/when the same schedule was run again/) as string,
      });
    },
  );

  test.each(['random-numbers', 'random-values', 'clock', 'remembers'])('is noticed and named: %s', async (what) => {
    await expect(behaving(what)).rejects.toMatchObject({
      code: 'ERR_IPC_EXPLORATION_FAILED',
      message: expect.stringMatching(/^actor A did something else when the same schedule was run again/) as string,
    });
  });
});

test('three that spin in turn do not keep each other awake', PATIENT, async () => {
  const report = await behaving('spins-together');
  expect(report).toMatchObject({ verdict: 'PROVEN', complete: true });
  expect(outcomesOf(report)).toEqual(new Set(['[0,3]']));
});

describe('what the explorer does not see', PATIENT, () => {
  test.each([
    ['view', /^actor A: an explored program cannot use RawArray\.view/],
    ['view-caught', /^actor A: an explored program cannot use RawArray\.view/],
    ['locked', /^actor A: an explored program cannot use Lock\.locked/],
    ['asynchronous', /^actor A: an explored program cannot have asynchronous actors/],
  ])('is refused: %s', async (what, message) => {
    await expect(behaving(what)).rejects.toMatchObject({
      code: 'ERR_IPC_UNSEEN',
      message: expect.stringMatching(message) as string,
    });
  });

  test.each([
    ['map', /cannot share a Map/],
    ['dict', /cannot share a Dict/],
  ])('is refused before anybody starts: %s', async (shape, message) => {
    await expect(explored(ODD_SHAPES, { params: { shape } })).rejects.toMatchObject({
      code: 'ERR_IPC_UNSEEN',
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('locks', PATIENT, () => {
  test('whoever reads a shared value depends on whoever holds its lock', async () => {
    const [all, reduced] = [await behaving('locked-value', false), await behaving('locked-value')];
    expect(outcomesOf(all)).toEqual(new Set(['[0,0]', '[7,0]']));
    expect(outcomesOf(reduced)).toEqual(outcomesOf(all));
  });

  test('whoever does not want to wait at all goes on without the lock', async () => {
    const [all, reduced] = [await behaving('does-not-wait', false), await behaving('does-not-wait')];
    expect(outcomesOf(all)).toEqual(new Set(['[1,0]', '[2,0]']));
    expect(outcomesOf(reduced)).toEqual(outcomesOf(all));
  });

  test('a deadlock tells who holds the lock of a shared value', async () => {
    expect(await behaving('waits-for-value')).toMatchObject({
      verdict: 'VIOLATION',
      deadlocks: [{ cycle: ['B waits for guarded, which A holds'] }],
    });
  });

  test('a deadlock does not name who has ended, although others hold what it used last', async () => {
    const { deadlocks } = await behaving('ended-user');
    expect(deadlocks.map(({ cycle }) => cycle.join('; ')).toSorted()).toEqual([
      'A waits for lock, which B holds; B waits for lock of guarded, which C holds; C waits for lock, which B holds',
      'B waits for lock of guarded, which C holds; C waits for lock, which B holds',
    ]);
  });
});

describe('programs of odd shapes', PATIENT, () => {
  test('actors without any step, some or all', async () => {
    for (const reduction of [true, false]) {
      const report = await behaving('no-steps', reduction);
      expect(report).toMatchObject({ verdict: 'PROVEN', schedules: 2, steps: 2 });
      expect(outcomesOf(report)).toEqual(new Set(['[0,2]']));
    }
  });

  test('nothing that is shared', async () => {
    const params = { shape: 'nothing', actors: 2 };
    expect(await exploredOnce(ODD_SHAPES, { params })).toMatchObject({ verdict: 'PROVEN', schedules: 1 });
    expect(await exploredOnce(ODD_SHAPES, { params, reduction: false })).toMatchObject({ schedules: 6 });
  });

  test('one actor', async () => {
    expect(await exploredOnce(ODD_SHAPES, { params: { actors: 1 } })).toMatchObject({
      verdict: 'PROVEN',
      schedules: 1,
    });
  });

  test('many actors, and the planted bug among as many', async () => {
    const report = await exploredOnce(ODD_SHAPES, { params: { shape: 'nothing', actors: 6 } });
    expect(report).toMatchObject({ verdict: 'PROVEN', actors: 6, schedules: 1, canary: true });
  });

  test('sixteen actors', async () => {
    const report = await exploredOnce(ODD_SHAPES, { params: { actors: 16 }, random: 50, seed: 5 });
    expect(report).toMatchObject({ verdict: 'INCOMPLETE', actors: 16, schedules: 50, complete: false });
    expect(await replayed(report.outcomes[0]?.token ?? '')).toBe('done');
  });

  test.each([0, 17])('%i actors are refused', async (actors) => {
    await expect(exploredOnce(ODD_SHAPES, { params: { actors } })).rejects.toMatchObject({
      code: 'ERR_IPC_SCENARIO_INVALID',
      message: expect.stringMatching(/1 to 16 actors/) as string,
    });
  });

  test('an actor that is not exported', async () => {
    await expect(exploredOnce(ODD_SHAPES, { params: { shape: 'not-exported' } })).rejects.toMatchObject({
      code: 'ERR_IPC_NOT_EXPORTED',
    });
  });

  test('more outcomes than can be told apart', async () => {
    await expect(behaving('many-outcomes')).rejects.toMatchObject({
      code: 'ERR_IPC_EXPLORATION_FAILED',
      message: expect.stringMatching(/more than 256 different outcomes/) as string,
    });
  });
});

describe('actors that do not come to an end', PATIENT, () => {
  /** From the source, not from the bundle as all others: the scenario takes the explorer from there. */
  async function itself(params: Readonly<Record<string, string>>): Promise<unknown> {
    const url = pathToFileURL(fixtureFile(import.meta.url, 'explores-itself')).href;
    return (await runScenario(url, { params, timeoutMs: 240_000 })).result;
  }

  test('computing for ever: the actor is named', async () => {
    expect(await itself({ how: 'computes', patience: '1500' })).toEqual({
      code: 'ERR_IPC_EXPLORATION_FAILED',
      message: 'actor A does not come to its next step: it has computed for more than 1.5 s',
    });
  });

  test('looking for ever without lab.spin(): an outcome of its own, after as many steps as there may be', async () => {
    expect(await itself({ how: 'spins', limit: '200' })).toMatchObject({
      outcomes: expect.arrayContaining(['3', '!no end: 200 steps were not enough']) as string[],
    });
  });

  test('without a limit of its own it is not looked at for ever either', async () => {
    const report = await behaving('spins-for-ever');
    expect(report.verdict).toBe('VIOLATION');
    expect(outcomesOf(report)).toContain('"no end: 4095 steps were not enough"');
  });

  test('killed in the middle: the actor is named', async () => {
    expect(await itself({ how: 'killed' })).toEqual({
      code: 'ERR_IPC_EXPLORATION_FAILED',
      message: expect.stringMatching(/^actor A \(pid \d+\) ended in the middle of the exploration$/) as string,
    });
  });
});
