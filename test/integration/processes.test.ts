import { describe, expect, test } from 'vitest';
import { Command, fixture } from './command.ts';
import { supervise } from './in-process.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

describe('a process', () => {
  test('ends in four ways, each with its exit code as in Python', async () => {
    const { ok, result } = await supervise('exit-codes');
    expect(ok).toBe(true);
    expect(result).toEqual({
      alive: [true, null, false],
      codes: [0, 8, -9, -15],
      signals: ['', '', 'SIGKILL', 'SIGTERM'],
      aliveAfterwards: false,
      failed: [false, true, false, false],
    });
  });

  test('is joined briefly, without blocking, with an abort, and again', async () => {
    const { result } = await supervise('joins');
    expect(result).toEqual({
      whileItRuns: [false, false, false],
      aborted: 'ERR_IPC_ABORTED',
      whenItHasEnded: [true, true, true, true],
    });
  });

  test('refuses what makes no sense, by code', async () => {
    const { result } = await supervise('misuses');
    expect(result).toEqual([
      'ERR_IPC_ALREADY_STARTED',
      'ERR_IPC_NOT_STARTED',
      'ERR_IPC_NOT_STARTED',
      'ERR_IPC_NOT_STARTED',
      'fine',
      'ERR_IPC_INVALID_ARGUMENT',
      'ERR_IPC_INVALID_ARGUMENT',
      'ERR_IPC_INVALID_ARGUMENT',
      'fine',
    ]);
  });

  test('refuses arguments that mean something in Python and nothing here, or nothing anywhere', async () => {
    const { result } = await supervise('wrong-arguments');
    expect(result).toEqual({ codes: Array<string>(61).fill('ERR_IPC_INVALID_ARGUMENT'), forEver: true });
  });

  test('is called what it runs, or as one likes, and is shown by that name', async () => {
    const { ok, processes } = await supervise('names');
    expect(ok).toBe(true);
    expect(processes.map(({ name }) => name)).toEqual(['main', 'hello-2', 'hello-3', '小明']);
  });

  test('runs an asynchronous function to its end', async () => {
    expect(await supervise('async-target')).toMatchObject({ ok: true, result: 42 });
  });

  test('is one of a hundred', async () => {
    const { ok, result, processes } = await supervise('hundred-children');
    expect(ok).toBe(true);
    expect(result).toEqual(Array.from({ length: 100 }, () => 0));
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(101);
  });

  test('has no more descriptors when it has more siblings', async () => {
    const { result } = await supervise('counts-descriptors');
    expect(new Set(result as number[]).size).toBe(1);
  });

  test('has its times measured', async () => {
    const { processes, wallMs } = await supervise('exits-early');
    for (const { startMs } of processes) expect(startMs).toSatisfy((ms: number) => ms > 0 && ms < wallMs);
    expect(processes[0]?.workMs).toBeGreaterThan(0);
    expect(processes[1]?.workMs).toBeNull();
  });
});

describe('a daemon', () => {
  test.each([
    ['false', 'SIGTERM'],
    ['true', 'SIGKILL'],
  ])('is ended with the lab (deaf: %s); what is no daemon is waited for', async (deaf, signal) => {
    const printed: string[] = [];
    const { ok, processes } = await supervise(
      'daemon',
      { deaf },
      { events: { output: (record, _stream, chunk) => printed.push(`${record.name} ${chunk.toString()}`) > 0 } },
    );
    expect(ok).toBe(true);
    expect(printed).toEqual(['printLate-1 late\n']);
    expect(processes.map((process) => process.signal)).toEqual([null, signal, null]);
  });
});

describe('a program that a process has spawned by itself', () => {
  test.each(['end', 'kill'])('is ended with it (%s)', async (how) => {
    const { ok } = await supervise('spawns-its-own', { how });
    expect(ok).toBe(true);
  });

  test('is ended with the run', async () => {
    const command = new Command(['run', fixture('spawns-its-own'), '--how', 'block']);
    await command.says(/left \d+/);
    command.signal('SIGTERM');
    expect(await command.ends()).toMatchObject({ exitCode: 143 });
  });

  test.each(['child', 'main'])('does not keep the run going, though it holds the output of %s open', async (where) => {
    const command = new Command(['run', fixture('leaves-a-stranger'), '--where', where, '--timeout', '20']);
    const [, pid] = await command.says(/stranger (\d+)/);
    try {
      expect(await command.ends()).toMatchObject({ exitCode: 0, stderr: '' });
    } finally {
      // It is a group of its own on purpose: whoever starts one has to end it.
      process.kill(Number(pid), 'SIGKILL');
    }
  });
});
