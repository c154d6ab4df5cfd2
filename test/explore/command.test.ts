/** The commands `explore` and `replay` as a whole: exit codes, documents, verdicts, mistakes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import stringWidth from 'fast-string-width';
import { describe, expect, test } from 'vitest';
import type { Explored } from '#src/explore/exploration.js';
import { judge, verdictOf } from '#src/explore/verdict.js';
import { renderExplore } from '#src/render/terminal/explore.js';
import { plainStyle } from '#src/render/terminal/style.js';
import type { ExploreReport } from '#src/report/explore.js';
import { expectError, expectExplore, expectExploreAll, expectReplay } from '../cli/documents.ts';
import { answer, onlyDocument } from '../cli/fake-io.ts';
import { leaveNothing } from '../integration/nothing-left.ts';
import { fixtureFile } from '../run-fixture.ts';
import { exploredOnce } from './asked.ts';

const PATIENT = { timeout: 300_000 };
const DEADLINE = ['--timeout', '240'];

leaveNothing();

describe('a verdict', () => {
  const complete = { complete: true } as Explored;
  const cut = { complete: false } as Explored;

  test.each([
    ['PROVEN', complete, false, null, true],
    ['INCOMPLETE', complete, false, null, false],
    ['INCOMPLETE', complete, false, null, null],
    ['INCOMPLETE', complete, false, 'at most 2 preemptions', true],
    ['INCOMPLETE', cut, false, null, true],
    ['INCOMPLETE', cut, false, 'stopped after 24.0 s', null],
    ['VIOLATION', complete, true, null, null],
    ['VIOLATION', cut, true, 'stopped after 24.0 s', false],
  ] as const)('is %s', (verdict, explored, violated, bound, canary) => {
    expect(verdictOf(explored, violated, bound, canary)).toBe(verdict);
  });

  test('what is no outcome is forbidden, whatever the program says', () => {
    const counted = ['1', '!A threw Error: no', '!deadlock: A waits for x; B waits for y'].map((label, i) => ({
      label,
      count: i + 1,
      schedule: 'AB',
      preemptions: 0,
    }));
    const judged = judge(
      counted,
      () => 'acceptable',
      (schedule) => `p:1:${schedule}`,
    );
    expect(judged.violated).toBe(true);
    expect(judged.outcomes.map(({ outcome, failed, grade }) => [outcome, failed, grade])).toEqual([
      [1, false, 'acceptable'],
      ['A threw Error: no', true, 'forbidden'],
    ]);
    expect(judged.deadlocks).toEqual([{ token: 'p:1:AB', cycle: ['A waits for x', 'B waits for y'], schedules: 3 }]);
  });
});

describe('a bound', PATIENT, () => {
  test.each([
    [0, 2, 'at most 0 preemptions'],
    [1, 6, 'at most 1 preemption'],
    [2, 14, 'at most 2 preemptions'],
  ])('of %i preemptions: %i of 20 schedules, said so', async (preemptions, schedules, bound) => {
    const params = { lock: 'none' };
    const report = await exploredOnce('lost-update', { params, preemptions, reduction: false });
    expect(report).toMatchObject({ schedules, bound, complete: false });
    expect(report.verdict).toBe(preemptions === 0 ? 'INCOMPLETE' : 'VIOLATION');
    const locked = await exploredOnce('lost-update', { params: { lock: 'mutex' }, preemptions });
    expect(locked).toMatchObject({ verdict: 'INCOMPLETE', bound });
  });

  test('of so many at random: the same seed finds the same', async () => {
    const asked = { params: { lock: 'none' }, random: 30, seed: 7 };
    const [first, second] = [await exploredOnce('lost-update', asked), await exploredOnce('lost-update', asked)];
    expect(first).toMatchObject({ schedules: 30, bound: '30 random schedules (seed 7)', complete: false });
    expect(second.outcomes).toEqual(first.outcomes);
  });
});

describe('the commands', PATIENT, () => {
  test('explore, both halves: 0, and a document of both', async () => {
    const said = await answer(['explore', 'torn-value', '--json', ...DEADLINE]);
    expect(said.exitCode).toBe(0);
    expectExploreAll(onlyDocument(said));
  });

  test.each([
    ['what goes wrong as announced: 0', ['lost-update', '--no-lock'], 0, 'VIOLATION'],
    ['what is right: 0', ['lost-update', '--lock', 'atomic'], 0, 'PROVEN'],
    ['what is bounded: 3', ['lost-update', '--lock', 'mutex', '--preemptions', '1'], 3, 'INCOMPLETE'],
    ['what must not be: 1', [fixtureFile(import.meta.url, 'behaves'), '--what', 'throws'], 1, 'VIOLATION'],
  ])('explore, %s', async (_name, words, exitCode, verdict) => {
    const said = await answer(['explore', ...words, '--json', ...DEADLINE]);
    expect(said.exitCode).toBe(exitCode);
    expectExplore(onlyDocument(said));
    expect(onlyDocument(said)).toMatchObject({ verdict });
  });

  test('replay: 0, and a document', async () => {
    const said = await answer(['replay', 'lost-update:1:ABBABA', '--json', ...DEADLINE]);
    expect(said.exitCode).toBe(0);
    expectReplay(onlyDocument(said));
    expect(onlyDocument(said)).toMatchObject({ outcome: 1, runs: 10, same: 10, schedule: 'ABBABA' });
  });

  test.each([
    ['explore nothing known', ['explore', 'lost-updat'], 'ERR_IPC_NO_SUCH_SCENARIO', 2],
    ['explore without a program', ['explore', 'value-array'], 'ERR_IPC_SCENARIO_INVALID', 2],
    ['explore with a parameter that is not there', ['explore', 'peterson', '--no-lock'], 'ERR_IPC_BAD_PARAMETER', 2],
    ['explore with both', ['explore', 'lost-update', '--no-lock', '--lock', 'mutex'], 'ERR_IPC_USAGE', 2],
    ['explore with a seed for nothing', ['explore', 'lost-update', '--seed', '1'], 'ERR_IPC_USAGE', 2],
    ['replay nonsense', ['replay', 'nonsense'], 'ERR_IPC_BAD_PARAMETER', 2],
    ['replay another version', ['replay', 'lost-update:2:ABBA'], 'ERR_IPC_BAD_PARAMETER', 2],
    ['replay an unknown program', ['replay', 'found-update:1:ABBA'], 'ERR_IPC_NO_SUCH_SCENARIO', 2],
    ['replay an unknown parameter', ['replay', 'lost-update:1:key=mutex:ABBA'], 'ERR_IPC_BAD_PARAMETER', 2],
    ['replay an actor that is not there', ['replay', 'lost-update:1:AC'], 'ERR_IPC_BAD_PARAMETER', 2],
    ['replay a step that is blocked', ['replay', 'lost-update:1:lock=mutex:AB'], 'ERR_IPC_EXPLORATION_FAILED', 1],
    ['replay too many steps', ['replay', 'lost-update:1:A3B4'], 'ERR_IPC_EXPLORATION_FAILED', 1],
    ['replay on after the end', ['replay', 'lost-update:1:AAABBBA'], 'ERR_IPC_EXPLORATION_FAILED', 1],
  ])('%s: a coded error', async (_name, words, code, exitCode) => {
    const said = await answer([...words, '--json']);
    expectError(onlyDocument(said), code);
    expect(said.exitCode).toBe(exitCode);
  });

  test('replay goes on without preemptions where the token ends', async () => {
    const said = await answer(['replay', 'lost-update:1:', '--json', ...DEADLINE]);
    expect(onlyDocument(said)).toMatchObject({ schedule: 'AAABBB', outcome: 2, same: 10 });
  });
});

describe('a screen', () => {
  const machine = { node: '', platform: '', cores: 2, cpu: '', kernel: '' };
  const long = `${'much-'.repeat(20)}longer-than-a-line:1:ABBA`;
  const report: ExploreReport = {
    version: 1,
    kind: 'explore',
    program: 'sample',
    title: 'A title that is longer than what is left of the line, and then some more of it',
    params: { lock: 'none', processes: 2 },
    actors: 2,
    model: 'SC',
    threads: false,
    granularity: 'operation',
    verdict: 'INCOMPLETE',
    complete: false,
    bound: 'at most 2 preemptions; stopped after 24.0 s',
    schedules: 12_345,
    redundant: 1,
    steps: 8,
    wallMs: 1234,
    schedulesPerSec: 1000,
    outcomes: [
      { outcome: 'a '.repeat(60), failed: false, grade: 'acceptable', schedules: 12_000, token: long, preemptions: 1 },
      {
        outcome: 'A threw Error: \u001B[31m',
        failed: true,
        grade: 'forbidden',
        schedules: 3,
        token: 's:1:A',
        preemptions: 0,
      },
    ],
    deadlocks: [{ token: 's:1:AB', cycle: ['A waits for x, which B holds', 'B waits for y'], schedules: 1 }],
    canary: false,
    meantToFail: false,
    machine,
  };

  test.each([false, true])('never cuts a token, and nothing else is wider: ascii %s', (ascii) => {
    const text = renderExplore([report, { ...report, verdict: 'PROVEN', canary: true }], plainStyle(80, ascii));
    for (const line of text.split('\n').filter((each) => !each.includes(long)))
      expect(stringWidth(line)).toBeLessThanOrEqual(80);
    expect(text).toContain(long);
    // oxlint-disable-next-line no-control-regex
    expect(text).toMatch(ascii ? /^[\x0A\x20-\x7e]*$/ : /^[^\u001B]*$/);
    expect(text.replaceAll('\n', ' ')).toContain('the planted bug was MISSED');
    expect(text.replaceAll('\n', ' ')).toContain('at most 2 preemptions; stopped after 24.0 s');
  });
});

describe('tokens in a file', PATIENT, () => {
  test('are written worst first, and the first is replayed', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'ipc-lab-test-'));
    try {
      const file = path.join(folder, 'tokens.txt');
      expect((await answer(['explore', 'lost-update', '--no-lock', '--save', file, ...DEADLINE])).exitCode).toBe(0);
      const lines = readFileSync(file, 'utf8').split('\n');
      expect(lines).toEqual([
        '# forbidden: 1',
        'lost-update:1:AABBBA',
        '# acceptable: 2',
        expect.stringMatching(/^lost-update:1:/),
        '',
      ]);
      const replayed = await answer(['replay', file, '--json', ...DEADLINE]);
      expect(replayed.exitCode).toBe(0);
      expect(onlyDocument(replayed)).toMatchObject({ token: 'lost-update:1:AABBBA', same: 10 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    [['replay', '/nowhere/tokens.txt'], 'ERR_IPC_BAD_PARAMETER'],
    [['replay', import.meta.filename.replace(/[^/]*$/, 'fixtures')], 'ERR_IPC_BAD_PARAMETER'],
    [['replay', '/dev/null'], 'ERR_IPC_BAD_PARAMETER'],
    [['explore', 'last-seat', '--save', '/nowhere/tokens.txt', ...DEADLINE], 'ERR_IPC_FILE'],
  ])('%j is refused', async (argv, code) => {
    expectError(onlyDocument(await answer([...argv, '--json'])), code);
  });
});

test('a replay of more actors than there are columns stays within the screen', PATIENT, async () => {
  const { stdout } = await answer(['replay', 'lost-update:1:processes=8:ABCDEFGH', '--all', ...DEADLINE]);
  expect(stdout).toContain('H  LOAD counter = 0  (preempts G)');
  expect(Math.max(...stdout.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
});
