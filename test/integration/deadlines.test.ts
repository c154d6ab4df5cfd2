/** Runs that do not come to an end in time: what the deadline says, and what it ends. */
import { describe, expect, test } from 'vitest';
import type { RunReport } from '#src/report/run.js';
import { runFixture } from './command.ts';
import { supervise } from './in-process.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

/**
 * Runs a fixture until its deadline, with ever later deadlines until it has got as far as it should: how long that takes is the machine's
 * affair. The last report is returned, whatever it says.
 */
async function untilDeadline(
  name: string,
  params: Readonly<Record<string, string>>,
  gotThere: (report: RunReport) => boolean,
): Promise<RunReport> {
  for (let timeoutMs = 1000; ; timeoutMs *= 2) {
    const report = await supervise(name, params, { timeoutMs });
    if (gotThere(report) || timeoutMs > 20_000) return report;
  }
}

describe('a deadline that passes', () => {
  test.each(['child', 'main'])('while the %s loops for ever', async (where) => {
    const { ok, failures, processes } = await untilDeadline(
      'loops-for-ever',
      { where },
      (report) =>
        report.processes.length === (where === 'child' ? 2 : 1) &&
        report.processes.every(({ startMs }) => startMs !== null),
    );
    expect(ok).toBe(false);
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: 'ERR_IPC_DEADLINE', hint: 'Give it longer with --timeout, in seconds.' });
    expect(failures[0]?.message).toMatch(/^not finished after \d+ s:\n/);
    expect(processes.every(({ signal }) => signal === 'SIGTERM')).toBe(true);
    const lines = failures[0]?.message.split('\n') ?? [];
    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}\S+ \(pid \d+\) is running and waits for nothing of the lab$/),
    );
    if (where === 'child')
      expect(lines).toContainEqual(expect.stringMatching(/main \(pid \d+\) has waited for \d+\.\d s to join loop-1$/));
  });

  test('while somebody waits for the first of several things', async () => {
    const { failures } = await untilDeadline('waits-for-several', {}, ({ processes }) =>
      processes.some(({ name, startMs }) => name === 'waitToo-1' && startMs !== null),
    );
    expect(failures[0]?.code).toBe('ERR_IPC_DEADLINE');
    const several =
      /(\S+) \((?:a thread of )?pid \d+\) has waited for \d+\.\d s to see one of several things become ready/g;
    expect([...(failures[0]?.message.matchAll(several) ?? [])].map(([, name]) => name)).toEqual(['main', 'waitToo-1']);
  });

  test('with two locks taken in opposite order: a deadlock, named as such', async () => {
    const { failures } = await untilDeadline('deadlock', {}, saysDeadlock);
    const message = failures[0]?.message ?? '';
    expect(message).toMatch(
      /takeBoth-1 \(pid \d+\) has waited for \d+\.\d s to acquire Lock "knife", held by takeBoth-2\n/,
    );
    expect(message).toMatch(
      /takeBoth-2 \(pid \d+\) has waited for \d+\.\d s to acquire Lock "fork", held by takeBoth-1\n/,
    );
    expect(message).toMatch(/\n {2}deadlock: takeBoth-1 waits for takeBoth-2 waits for takeBoth-1$/);
  });

  test('with a lock that its holder takes again', async () => {
    const { failures } = await untilDeadline('waits-for-itself', {}, saysDeadlock);
    expect(failures[0]?.message).toMatch(/to acquire Lock 1, held by main\n {2}deadlock: main waits for itself$/);
  });

  test('with all blocked, two of which listen to what asks them to end: it ends them', async () => {
    const { processes } = await untilDeadline(
      'all-blocked',
      {},
      // Who listens and is not blocked yet goes its own way.
      (report) => saysDeadlock(report) && ['wait-1', 'waitListening-1'].every((name) => saysWaits(report, name)),
    );
    expect(processes.map(({ name, signal }) => [name, signal])).toEqual([
      ['main', 'SIGTERM'],
      ['wait-1', 'SIGTERM'],
      ['waitListening-1', 'SIGTERM'],
    ]);
  });

  test('while main waits for several without blocking: for one that has not ended', async () => {
    const { failures } = await untilDeadline('joins-both', {}, ({ processes }) => processes[1]?.exitCode === 0);
    expect(failures[0]?.message).toMatch(/main \(pid \d+\) has waited for \d+\.\d s to join loop-1\n/);
  });

  test('before main is up', async () => {
    const { ok, failures, processes } = await supervise('throws', {}, { timeoutMs: 1 });
    expect({ ok, started: processes.length }).toEqual({ ok: false, started: 1 });
    expect(failures[0]?.message).toMatch(/main \(pid \d+\) is (starting|running)/);
  });

  test('exits with 1', async () => {
    const { exitCode, stdout, stderr } = await runFixture('waits-for-itself', '--timeout', '0.5');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/ERR_IPC_DEADLINE not finished after 0.5 s:\n/);
    expect(stdout).not.toMatch(/^\s+at /m);
  });
});

function saysWaits({ failures }: RunReport, name: string): boolean {
  return new RegExp(`^ *${name} \\(pid \\d+\\) has waited`, 'm').test(failures[0]?.message ?? '');
}

function saysDeadlock({ failures }: RunReport): boolean {
  return failures[0]?.message.includes('deadlock') ?? false;
}
