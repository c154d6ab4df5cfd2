/** Processes that have threads, seen from outside: what they print, and that nothing is left of them however a run ends. */
import { describe, expect, test } from 'vitest';
import { Command, fixture, runFixture } from './command.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

async function staying(...args: string[]): Promise<Command> {
  const command = new Command(['run', fixture('threads-stay'), ...args]);
  // Main and its child, each with two threads of its own, and a process that a third thread has started.
  await command.says(/(?:(?:.*\n)*.*(?:waiting|looping)\n){8}/);
  return command;
}

describe('a run with threads that wait, loop and have children', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('is ended by %s', async (signal, exitCode) => {
    const command = await staying();
    command.signal(signal);
    expect(await command.ends()).toMatchObject({ exitCode });
  });

  test('is ended by its deadline, which says what each thread waits for', async () => {
    const { exitCode, stdout, stderr } = await runFixture('threads-stay', '--timeout', '3');
    expect(exitCode).toBe(1);
    const said = (stdout + stderr).replaceAll(/\s+/g, ' ');
    expect(said).toMatch(/wait-1 \(a thread of pid \d+\) has waited for \d\.\d s to acquire Lock "door", held by main/);
    expect(said).toMatch(/loop-1 \(a thread of pid \d+\) is running/);
    expect(said).toMatch(
      /startAnother-1 \(a thread of pid \d+\) has waited for \d\.\d s to join startAnother-1:wait-1/,
    );
  });

  test('ends with its supervisor when that is killed', async () => {
    const command = await staying();
    command.signal('SIGKILL');
    expect(await command.ends()).toMatchObject({ signal: 'SIGKILL' });
  });
});

test('what threads print is complete and whole, however they end, though their process is blocked', async () => {
  const { stdout, exitCode } = await runFixture('threads-print');
  expect(exitCode).toBe(0);
  const lines = stdout.split('\n').filter((line) => line.startsWith('[main] '));
  for (const how of ['main', 'return', 'exit', 'throw']) {
    const own = lines.filter((line) => line.startsWith(`[main] ${how} `));
    expect(own.filter((line) => line.includes(' err '))).toEqual(
      Array.from({ length: 100 }, (_, i) => `[main] ${how} err ${i * 10}`),
    );
    expect(own.filter((line) => !line.includes(' err '))).toEqual(
      Array.from({ length: 1000 }, (_, i) => `[main] ${how} ${'漢'.repeat(40)} ${i}`),
    );
  }
  expect(stdout).toContain('throw');
  expect(lines).toHaveLength(4400);
});
