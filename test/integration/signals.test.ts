import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Command, fixture } from './command.ts';
import { leaveNothing, livingProcesses } from './nothing-left.ts';

leaveNothing();

const signals = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const;

const interrupted = 'ipc-lab: interrupted; all processes of the run were ended\n';

/** Looks again and again: nothing says when a process of another process comes to be, or falls asleep. */
async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${String(condition)}`);
    await delay(2);
  }
}

/** The processes of the run, without the supervisor. */
function membersOf(command: Command): number[] {
  return livingProcesses()
    .map(({ pid }) => pid)
    .filter((pid) => pid !== command.pid);
}

/** Whether the main thread of a process sleeps in a futex; true also where the kernel will not say. */
function sleepsInFutex(pid: number): boolean {
  try {
    const call = readFileSync(`/proc/${pid}/syscall`, 'latin1');
    return /^(202|98) /.test(call);
  } catch {
    return true;
  }
}

async function allBlocked(...args: string[]): Promise<Command> {
  const command = new Command(['run', fixture('all-blocked'), ...args]);
  await command.says(/(?:.*waiting\n){3}/);
  await until(() => membersOf(command).every(sleepsInFutex));
  return command;
}

async function running(): Promise<{ command: Command; main: number; child: number }> {
  const command = new Command(['run', fixture('waits-long')]);
  const [, child] = await command.says(/child (\d+)/);
  const [, main] = await command.says(/main (\d+)/);
  return { command, main: Number(main), child: Number(child) };
}

describe.each(signals)('%s', (signal, exitCode) => {
  test('before anything has begun', async () => {
    const command = new Command(['run', 'value-array']);
    command.signal(signal);
    const ending = await command.ends();
    expect([exitCode, signal]).toContain(ending.exitCode ?? ending.signal);
  });

  test('before main is up', async () => {
    const command = new Command(['run', fixture('all-blocked')]);
    await until(() => membersOf(command).length > 0);
    command.signal(signal);
    expect(await command.ends()).toEqual({ exitCode, signal: null, stdout: '', stderr: interrupted });
  });

  test('while processes run', async () => {
    const { command } = await running();
    command.signal(signal);
    expect(await command.ends()).toMatchObject({ exitCode, signal: null, stderr: interrupted });
  });

  test('while every process is blocked in a lock, and the code of two listens to it', async () => {
    const command = await allBlocked();
    command.signal(signal);
    expect(await command.ends()).toMatchObject({ exitCode, signal: null, stderr: interrupted });
  });

  test('while all loop', async () => {
    const command = new Command(['run', fixture('loops-for-ever')]);
    await command.says(/looping/);
    command.signal(signal);
    expect(await command.ends()).toMatchObject({ exitCode, signal: null, stderr: interrupted });
  });
});

describe('an interruption', () => {
  test('twice changes nothing: the first one counts', async () => {
    const command = await allBlocked();
    command.signal('SIGINT');
    command.signal('SIGTERM');
    expect(await command.ends()).toMatchObject({ exitCode: expect.toBeOneOf([130, 143]), stderr: interrupted });
  });

  test('with --json is one document', async () => {
    const command = new Command(['run', fixture('loops-for-ever'), '--json']);
    await until(() => membersOf(command).length === 2);
    command.signal('SIGINT');
    const { exitCode, stdout } = await command.ends();
    expect(exitCode).toBe(130);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      kind: 'error',
      code: 'ERR_IPC_ABORTED',
      message: 'interrupted; all processes of the run were ended',
      hint: null,
    });
  });

  test('reaches a process that is stopped', async () => {
    const { command, child } = await running();
    process.kill(child, 'SIGSTOP');
    command.signal('SIGTERM');
    expect(await command.ends()).toMatchObject({ exitCode: 143, stderr: interrupted });
  });

  test('while nobody reads ends the processes at once, and the command when its output is read', async () => {
    const command = new Command(['run', fixture('prints-for-ever')], { readsOutput: true });
    await until(() => membersOf(command).length === 2);
    // The pipes between us are full when the child sleeps in its write.
    await until(() => membersOf(command).some(sleepsInWrite));
    command.signal('SIGTERM');
    await until(() => membersOf(command).length === 0);
    command.stream('stdout').resume();
    expect(await command.ends()).toMatchObject({ exitCode: 143, stderr: interrupted });
  });

  test('ends run all at once', async () => {
    const command = new Command(['run', 'all']);
    await until(() => membersOf(command).length > 0);
    command.signal('SIGINT');
    expect(await command.ends()).toMatchObject({ exitCode: 130, stderr: interrupted });
  });
});

function sleepsInWrite(pid: number): boolean {
  try {
    // Field 1 of `syscall` is the number of the call: write is 1 on x64, 64 on arm64.
    return /^(1|64) /.test(readFileSync(`/proc/${pid}/syscall`, 'latin1'));
  } catch {
    return false;
  }
}

describe('SIGKILL', () => {
  test('of the supervisor while processes run', async () => {
    const { command } = await running();
    command.signal('SIGKILL');
    expect(await command.ends()).toMatchObject({ exitCode: null, signal: 'SIGKILL', stderr: '' });
  });

  test('of the supervisor while all are blocked', async () => {
    const command = await allBlocked();
    command.signal('SIGKILL');
    expect(await command.ends()).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  });

  test('of the supervisor while all loop, and while main starts', async () => {
    const looping = new Command(['run', fixture('loops-for-ever')]);
    await looping.says(/looping/);
    looping.signal('SIGKILL');
    await looping.ends();
    const starting = new Command(['run', fixture('loops-for-ever')]);
    await until(() => membersOf(starting).length > 0);
    starting.signal('SIGKILL');
    expect(await starting.ends()).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  });

  test('of main: said, and the children are ended', async () => {
    const { command, main } = await running();
    process.kill(main, 'SIGKILL');
    const { exitCode, stdout, stderr } = await command.ends();
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' });
    expect(stdout).toMatch(/ERR_IPC_CHILD_FAILED main \(pid \d+\) was ended by SIGKILL before run\(\) had\s+returned/);
    expect(stdout).toMatch(/note: wait-1 \(pid \d+\) was still running at the end and was ended/);
    expect(stdout).not.toMatch(/^\s+at /m);
  });

  test('of a child: a note, and main goes on', async () => {
    const { command, child } = await running();
    process.kill(child, 'SIGKILL');
    const { exitCode, stdout, stderr } = await command.ends();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/note: wait-1 \(pid \d+\) was ended by SIGKILL\n/);
  });
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'a process that listens to %s is ended by it while it is blocked, and hears it when it is not',
  async (signal) => {
    const command = new Command(['run', fixture('hears-signals'), '--signal', signal, '--json']);
    expect(await command.ends()).toMatchObject({ exitCode: 0, signal: null, stderr: '' });
  },
);
