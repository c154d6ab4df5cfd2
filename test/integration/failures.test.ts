import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Command, fixture, ipcLab, runFixture } from './command.ts';
import { supervise } from './in-process.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

const both = ['child', 'main'] as const;

describe('a process that fails', () => {
  test.each(both)('throws: reported once, with its stack, from the %s', async (where) => {
    const { ok, failures, processes } = await supervise('throws', { where });
    expect(ok).toBe(false);
    expect(failures[0]).toMatchObject({ code: 'TypeError', message: 'the soup is cold', hint: null });
    expect(failures[0]?.stack).toMatch(/at fail .*fixtures\/throws\.js:\d+:\d+/);
    expect(failures.filter(({ message }) => message.includes('soup'))).toHaveLength(1);
    expect(processes.map(({ exitCode }) => exitCode)).toEqual(where === 'main' ? [1] : [1, 1]);
    if (where === 'child') {
      expect(failures.map(({ process }) => process)).toEqual(['fail-1', 'main']);
      expect(failures[1]?.code).toBe('ERR_IPC_CHILD_FAILED');
      expect(failures[1]?.message).toMatch(/^fail-1 \(pid \d+\) exited with code 1$/);
    }
  });

  test.each(both)('throws what is no Error, from the %s', async (where) => {
    const { failures } = await supervise('throws-no-error', { where });
    expect(failures[0]?.message).toBe('threw cold soup, which is no Error');
  });

  test.each(both)('throws in a callback later, from the %s', async (where) => {
    const { ok, failures } = await supervise('throws-in-timer', { where });
    expect(ok).toBe(false);
    expect(failures[0]).toMatchObject({ code: 'RangeError', message: 'the soup has boiled over' });
    expect(failures[0]?.stack).toContain('throws-in-timer.js:');
    expect(failures.filter(({ message }) => message.includes('soup'))).toHaveLength(1);
  });

  test.each(both)('leaves a rejection unheard, from the %s', async (where) => {
    const { failures } = await supervise('rejects-unheard', { where });
    expect(failures[0]).toMatchObject({ code: 'RangeError', message: 'nobody listens' });
  });

  test("is shown to a person with the place in the user's code and none of ours", async () => {
    const { exitCode, stdout, stderr } = await runFixture('throws');
    expect(exitCode).toBe(1);
    expect(stderr).toBe('');
    expect(
      stdout.match(/fail-1: TypeError: the soup is cold\n {4}at fail .*throws\.js:\d+:\d+\)\n(?! {4}at)/g),
    ).toHaveLength(1);
    expect(stdout).toContain('ERR_IPC_CHILD_FAILED main: fail-1');
    expect(stdout).not.toMatch(/node:|dist\/(src|bundle)/);
  });

  test('exits early with 0: no failure of a child', async () => {
    const { ok, failures, processes } = await supervise('exits-early');
    expect({ ok, failures }).toEqual({ ok: true, failures: [] });
    expect(processes.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('exits early with another code: a failure that names it', async () => {
    const { ok, failures, processes } = await supervise('exits-early', { code: '3' });
    expect(ok).toBe(false);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.message).toMatch(/^leave-1 \(pid \d+\) exited with code 3$/);
    expect(processes.map(({ exitCode }) => exitCode)).toEqual([1, 3]);
  });

  test.each(['0', '3'])('is main and exits early with %s', async (code) => {
    const { ok, failures } = await supervise('exits-early', { where: 'main', code });
    expect(ok).toBe(false);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.code).toBe('ERR_IPC_CHILD_FAILED');
    expect(failures[0]?.message).toMatch(
      new RegExp(`^main \\(pid \\d+\\) exited with code ${code} before run\\(\\) had returned$`),
    );
  });

  test('is a child and is killed', async () => {
    const { ok, failures, processes } = await supervise('kills-itself');
    expect(ok).toBe(false);
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^die-1 \(pid \d+\) was ended by SIGKILL$/),
    ]);
    expect(processes[1]).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  test('is main and is killed', async () => {
    const { ok, failures } = await supervise('kills-itself', { where: 'main' });
    expect(ok).toBe(false);
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^main \(pid \d+\) was ended by SIGKILL before run\(\) had returned$/),
    ]);
  });

  test.each(both)('returns a promise that never settles, in the %s: exit code 13 and a reason', async (where) => {
    const { failures, processes } = await supervise('never-settles', { where });
    expect(failures[0]?.message).toBe('nothing is left that could settle the promise it returned');
    expect(processes.at(-1)?.exitCode).toBe(13);
    const { stdout, stderr } = await runFixture('never-settles', '--where', where);
    expect(stdout).toContain('nothing is left that could settle');
    expect(stdout + stderr).not.toMatch(/Warning|top-level await/);
  });

  test('dies with a lock: who waits for it is told by whom and what to do', async () => {
    const { failures } = await supervise('owner-dies');
    expect(failures[0]).toMatchObject({ code: 'ERR_IPC_OWNER_DIED', process: 'wait-1' });
    expect(failures[0]?.message).toBe('door is held by holdForEver-1, which has ended without releasing it');
    expect(failures[0]?.hint).toContain('takeOver()');
  });

  test('asks for more memory than there is', async () => {
    const { failures } = await supervise('fills-memory');
    expect(failures[0]).toMatchObject({ code: 'ERR_IPC_OUT_OF_MEMORY' });
    expect(failures[0]?.message).toMatch(/^no room for \d+ bytes/);
  });
});

describe('a mistake', () => {
  test('a function that is not exported: file and line', async () => {
    const { failures } = await supervise('not-exported');
    expect(failures).toHaveLength(1);
    expect(failures[0]).toMatchObject({ code: 'ERR_IPC_NOT_EXPORTED', process: 'main' });
    expect(failures[0]?.message).toMatch(
      /^function hidden \(file:\S+not-exported\.js:8\) is not exported by file:\S+not-exported\.js$/,
    );
    expect(failures[0]?.hint).toContain('export function');
  });

  test('an argument that cannot be cloned: which, and where in it', async () => {
    const { failures, processes } = await supervise('cannot-clone');
    expect(failures).toHaveLength(1);
    expect(failures[0]?.code).toBe('ERR_IPC_NOT_CLONEABLE');
    expect(failures[0]?.message).toMatch(/^argument 2 of work \(at \.deep\[1\]\) cannot be sent/);
    expect(processes).toHaveLength(1);
  });

  test('a result that no report can hold', async () => {
    const { failures } = await supervise('cannot-clone', { where: 'result' });
    expect(failures[0]).toMatchObject({
      code: 'ERR_IPC_NOT_CLONEABLE',
      message: expect.stringMatching(/^the result of run\(\) \(at \S*\.deep\[0\]\) cannot be sent/) as string,
    });
  });

  test('a primitive returned instead of what it holds', async () => {
    const { failures } = await supervise('returns-shared');
    expect(failures[0]).toMatchObject({
      code: 'ERR_IPC_NOT_CLONEABLE',
      message: 'a RawArray itself cannot be part of a result, only what it holds',
      hint: 'Return its value, as in counter.value or [...numbers].',
    });
  });

  test('a name that no process can have', async () => {
    const { failures } = await supervise('bad-name');
    expect(failures[0]).toMatchObject({
      code: 'ERR_IPC_INVALID_ARGUMENT',
      message: String.raw`a process cannot be called "a\u0000b"`,
    });
  });

  test.each(['not-exported', 'cannot-clone', 'bad-name'])(
    '%s is shown with its place and without a stack',
    async (name) => {
      const { exitCode, stdout, stderr } = await runFixture(name);
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
      expect(stdout.match(/^\s+at .*$/gm)).toEqual([expect.stringMatching(`fixtures/${name}.js:\\d+:\\d+\\)$`)]);
    },
  );
});

describe('the supervisor', () => {
  test('says that the system starts nothing more, and ends what runs', async () => {
    const { exitCode, stdout } = await new Command(['run', fixture('hundred-children')], {
      shell: 'ulimit -n 60;',
    }).ends();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /ERR_IPC_SPAWN_FAILED main: the operating system did not start doNothing-\d+:\s+spawn \S+ EMFILE/,
    );
  });

  test('says that not even main was started', async () => {
    const node = process.execPath;
    process.execPath = '/no/such/node';
    try {
      const { ok, failures, processes } = await supervise('exits-early');
      expect({ ok, processes: processes.length }).toEqual({ ok: false, processes: 1 });
      expect(failures).toMatchObject([
        {
          code: 'ERR_IPC_SPAWN_FAILED',
          message: 'the operating system did not start main: spawn /no/such/node ENOENT',
        },
      ]);
    } finally {
      process.execPath = node;
    }
  });

  test('keeps no descriptor of a run', async () => {
    await supervise('exits-early');
    const before = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 3; i++) await supervise('exits-early');
    expect(readdirSync('/proc/self/fd').length).toBeLessThanOrEqual(before);
  });

  test('does not let one failure of run all stop the others', async () => {
    const { exitCode, stdout } = await ipcLab('run', 'all', '--timeout', '0.001', '--json');
    const all = JSON.parse(stdout) as { ok: boolean; runs: { ok: boolean; failures: { code: string }[] }[] };
    expect(exitCode).toBe(1);
    expect(all.ok).toBe(false);
    expect(all.runs.length).toBeGreaterThan(1);
    expect(all.runs.every(({ ok, failures }) => !ok && failures[0]?.code === 'ERR_IPC_DEADLINE')).toBe(true);
  });
});
