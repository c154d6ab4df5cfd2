/** `run` grades what comes out of a program. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { answer, onlyDocument, steady } from './fake-io.ts';

refuseLeaks();

const GRADED = fileURLToPath(new URL('../../dist/test/integration/fixtures/graded.js', import.meta.url));

describe('a program that is run', () => {
  test.each([
    [['--value', '1'], 0, 'ok in TIME, an acceptable outcome', 'acceptable'],
    [['--value', '2'], 0, 'ok in TIME, an interesting outcome', 'interesting'],
    // Without a lock it is there to go wrong.
    [['--value', '3'], 0, 'ok in TIME, and it went wrong: a forbidden outcome', 'forbidden'],
    [['--value', '3', '--lock', 'mutex'], 1, 'FAILED in TIME, a forbidden outcome', 'forbidden'],
  ])('with %j', async (argv, exitCode, last, grade) => {
    const run = ['run', GRADED, ...argv];
    const people = await answer(run);
    expect([people.exitCode, steady(people.stdout).trimEnd().split('\n').at(-1)]).toEqual([exitCode, last]);
    expect(people.stdout).not.toContain('EXPECTED');
    const programs = await answer([...run, '--json']);
    expect(programs.exitCode).toBe(exitCode);
    expect(onlyDocument(programs)).toMatchObject({ ok: exitCode === 0, grade, expected: null });
  });

  test('with a grade that is none', async () => {
    const { exitCode, stdout } = await answer(['run', GRADED, '--value', '4']);
    expect(exitCode).toBe(1);
    expect(stdout).toContain('ERR_IPC_SCENARIO_INVALID');
    expect(stdout).toContain('not "forbiden", for the outcome 4');
  });
});
