import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { RaceReport, RaceRunReport } from '#src/report/race.js';

const BIN = fileURLToPath(new URL('../../bin/ipc-lab.js', import.meta.url));
const HAS_TASKSET = spawnSync('taskset', ['--version']).error === undefined;

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function command(...args: string[]): Ended {
  return spawnSync(process.execPath, [BIN, 'race', ...args], { encoding: 'utf8', timeout: 50_000 });
}

function onOneCore(...args: string[]): Ended {
  return spawnSync('taskset', ['-c', '0', process.execPath, BIN, 'race', ...args], {
    encoding: 'utf8',
    timeout: 50_000,
  });
}

function reportOf({ stdout, stderr }: Ended): RaceReport {
  expect(stderr).toBe('');
  expect(stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(stdout) as RaceReport;
}

function onlyRun(report: RaceReport): RaceRunReport {
  expect(report.runs).toHaveLength(1);
  return report.runs[0] as RaceRunReport;
}

const RACER = { name: expect.stringMatching(/^racer-\d+$/), pid: expect.any(Number) };
const HAND_OFF = {
  expected: 2,
  actual: expect.any(Number),
  lost: expect.any(Number),
  tries: 10,
  triesWithLoss: expect.any(Number),
  processes: [RACER, RACER],
  steps: expect.any(Array),
};
const RUN = {
  lock: expect.stringMatching(/^(none|mutex|atomic)$/),
  processes: expect.any(Number),
  iterations: expect.any(Number),
  trials: expect.any(Number),
  trialsWithLoss: expect.any(Number),
  expected: expect.any(Number),
  actual: expect.any(Number),
  lost: expect.any(Number),
  lostPct: expect.any(Number),
  wallMs: expect.any(Number),
  opsPerSec: expect.any(Number),
  calibrated: expect.any(Boolean),
};

describe('race --no-lock', () => {
  function refuseNoLoss(ended: Ended): void {
    expect(ended.status).toBe(0);
    const report = reportOf(ended);
    const run = onlyRun(report);
    expect(report).toMatchObject({
      version: 1,
      kind: 'race',
      ok: true,
      verdict: 'as-announced',
      machine: { node: process.version },
    });
    expect(run).toMatchObject({ ...RUN, lock: 'none', processes: 2, canary: null });
    expect(run.lost).toBeGreaterThan(0);
    expect(run.expected).toBe(run.processes * run.iterations * run.trials);
    expect(run.actual).toBe(run.expected - run.lost);
    expect(run.lostPct).toBeCloseTo((100 * run.lost) / run.expected, 6);
    expect(run.forced).toEqual({ ...HAND_OFF, actual: 1, lost: 1, triesWithLoss: 10 });
    expect(run.forced?.steps).toEqual([
      { process: 0, action: 'load', value: 0, counter: 0 },
      { process: 1, action: 'load', value: 0, counter: 0 },
      { process: 1, action: 'store', value: 1, counter: 1 },
      { process: 0, action: 'store', value: 1, counter: 1 },
    ]);
    const { witness } = run;
    expect(witness?.wrote).toBe((witness?.value ?? 0) + 1);
    expect(new Set(witness?.processes.map(({ pid }) => pid)).size).toBe(2);
    for (const each of witness?.processes ?? []) {
      expect(each).toMatchObject(RACER);
      expect(each.increment).toBeGreaterThanOrEqual(1);
      expect(each.increment).toBeLessThanOrEqual(run.iterations);
      expect(each.reached).toBeGreaterThanOrEqual(witness?.wrote ?? 0);
    }
    expect(run.shares.map(({ pid }) => pid)).toEqual(
      expect.arrayContaining(witness?.processes.map(({ pid }) => pid) ?? []),
    );
  }

  test('loses updates, every time', () => {
    for (let i = 0; i < 3; i++) refuseNoLoss(command('--no-lock', '--json'));
  });

  test.runIf(HAS_TASKSET)('loses updates on one core, every time', () => {
    for (let i = 0; i < 3; i++) refuseNoLoss(onOneCore('--no-lock', '--json'));
  });

  test('goes on to more increments where few lose none, and says so', () => {
    const run = onlyRun(reportOf(command('--no-lock', '--iterations', '1', '--json')));
    expect(run.lost).toBeGreaterThan(0);
    expect(run.calibrated).toBe(false);
    if (run.iterations > 1) {
      expect(run.adapted).toEqual({
        fromIterations: 1,
        toIterations: run.iterations,
        trialsWithoutLoss: expect.any(Number),
      });
      expect(run.adapted?.trialsWithoutLoss).toBeGreaterThan(0);
    }
  });

  test('counts all trials', () => {
    const run = onlyRun(reportOf(command('--no-lock', '--iterations', '3000000', '--trials', '4', '--json')));
    expect(run.trials).toBe(4);
    expect(run.expected).toBe(2 * run.iterations * 4);
    expect(run.trialsWithLoss).toBeGreaterThan(0);
  });

  test('with one process is inconclusive, and shows the forced loss all the same', () => {
    const ended = command('--no-lock', '--processes', '1', '--iterations', '1000', '--json');
    const report = reportOf(ended);
    expect(ended.status).toBe(3);
    expect(report).toMatchObject({ ok: false, verdict: 'inconclusive' });
    expect(onlyRun(report)).toMatchObject({ lost: 0, witness: null, forced: { lost: 1 } });
  });
});

/** Sixteen with the three that differ the most; the stress tests have the others, too. */
const NUMBERS = {
  mutex: [2, 16],
  rlock: [2, 4],
  spin: [2, 4],
  ticket: [2, 16],
  file: [2, 4],
  mkdir: [2, 4],
  atomic: [2, 16],
};

describe.each(Object.entries(NUMBERS))('race --lock %s', (lock, numbers) => {
  test.each(numbers)('loses nothing with %d processes', (processes) => {
    // Where each hand-over is a wake-up, or a system call, so many would take minutes: the more the more there are to wake.
    const handOvers = { ticket: 8000, file: 16_000, mkdir: 1600 }[lock];
    const iterations = handOvers === undefined ? 200_000 : handOvers / processes;
    const ended = command('--lock', lock, ...`--processes ${processes} --iterations ${iterations} --json`.split(' '));
    const report = reportOf(ended);
    const run = onlyRun(report);
    expect(run).toMatchObject({
      ...RUN,
      lock,
      processes,
      lost: 0,
      expected: processes * iterations,
      actual: processes * iterations,
      canary: { planted: 1, caught: 1 },
      witness: null,
    });
    expect(run.forced).toEqual(lock === 'atomic' ? null : { ...HAND_OFF, actual: 2, lost: 0, triesWithLoss: 0 });
    expect(run.shares).toHaveLength(processes);
    expect(report.ok).toBe(true);
    expect(ended.status).toBe(0);
  });
});

test('without a lock and with one race with the same number of increments', () => {
  const { runs } = reportOf(command('--json'));
  expect(runs.map(({ lock }) => lock)).toEqual(['none', 'mutex']);
  expect(runs[0]?.iterations).toBe(runs[1]?.iterations);
});

test('sixty-four processes take part, and those who only watch a round are not left behind', () => {
  const { runs } = reportOf(command('--processes', '64', '--iterations', '1000', '--trials', '20', '--json'));
  expect(runs).toMatchObject([
    { lock: 'none', processes: 64, forced: { lost: 1 } },
    { lock: 'mutex', processes: 64, lost: 0, canary: { caught: 1 } },
  ]);
});

test('a race past its deadline ends with who waits for whom', () => {
  const { status, stdout } = command('--lock', 'mutex', '--iterations', '1000000000', '--timeout', '3', '--json');
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    kind: 'error',
    code: 'ERR_IPC_DEADLINE',
    message: expect.stringContaining('finished'),
  });
});

test('Ctrl-C ends all processes', async () => {
  const child = spawn(
    process.execPath,
    [BIN, 'race', '--lock', 'mutex', '--iterations', '500000000', '--processes', '4'],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const pids = await until(() => {
    const found = descendantsOf(child.pid ?? 0);
    return found.length === 5 ? found : undefined;
  });
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(stderr).toContain('interrupted');
  expect(pids.filter(isAlive)).toEqual([]);
});

async function until<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function descendantsOf(root: number): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && parentOf(Number(entry)) === root)
    .map(Number);
}

function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

function isAlive(pid: number): boolean {
  return ![undefined, 'Z', 'X'].includes(statOf(pid)[0]);
}

/** State and parent of a process. */
function statOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}
