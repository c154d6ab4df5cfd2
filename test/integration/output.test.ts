import { describe, expect, test } from 'vitest';
import { Command, fixture, runFixture } from './command.ts';
import { supervise } from './in-process.ts';
import { leaveNothing } from './nothing-left.ts';

leaveNothing();

const both = ['child', 'main'] as const;

/** The lines shown for a process, without its name in front. */
function linesOf(name: string, stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith(`[${name}] `))
    .map((line) => line.slice(name.length + 3));
}

describe('what processes print', () => {
  const printed = Array.from({ length: 4000 }, (_, i) => String(i).padStart(99, '.'));

  test.each(both.flatMap((where) => (['exit', 'kill', 'throw'] as const).map((how) => [where, how] as const)))(
    'is complete: 400 KB in the %s before %s',
    async (where, how) => {
      const { stdout } = await runFixture('prints-then-ends', '--where', where, '--how', how);
      expect(linesOf(where === 'main' ? 'main' : 'print-1', stdout)).toEqual(printed);
    },
  );

  test.each(both)('is complete: 100 MB in the %s', async (where) => {
    const command = new Command(['run', fixture('prints-much'), '--where', where], { readsOutput: true });
    let bytes = 0;
    for await (const chunk of command.stream('stdout')) bytes += (chunk as Buffer).length;
    expect(await command.ends()).toMatchObject({ exitCode: 0, stderr: '' });
    const prefix = where === 'main' ? '[main] ' : '[print-1] ';
    expect(bytes).toBeGreaterThan(1_000_000 * (100 + prefix.length));
    expect(bytes).toBeLessThan(1_000_000 * (100 + prefix.length) + 2000);
  });

  test('is framed by process, in order, on both streams', async () => {
    const { exitCode, stdout } = await runFixture('prints-together');
    expect(exitCode).toBe(0);
    const expected = (pid: string): string[] => Array.from({ length: 300 }, (_, i) => `${pid} abcd ${i}`);
    const pids = new Set<string>();
    for (const name of ['print-1', 'print-2', 'print-3', 'print-4']) {
      const lines = linesOf(name, stdout);
      const pid = /^\d+/.exec(lines[0] ?? '')?.[0] ?? '';
      pids.add(pid);
      expect(lines.filter((line) => !line.includes('err'))).toEqual(expected(pid));
      expect(lines.filter((line) => line.includes('err'))).toEqual(
        Array.from({ length: 300 }, (_, i) => `${pid} err ${i}`),
      );
    }
    expect(pids.size).toBe(4);
  });

  test('keeps characters of several bytes and a last line without an end', async () => {
    const { stdout } = await runFixture('prints-in-pieces');
    expect(linesOf('print-1', stdout)).toEqual(['héllo 漢字 🍜', 'no end 末']);
  });

  test('is shown while the process runs', async () => {
    const command = new Command(['run', fixture('loops-for-ever')]);
    expect((await command.says(/looping/)).input).toBe('[loop-1] looping\n');
    command.signal('SIGTERM');
    await command.ends();
  });

  test('goes to stderr when stdout is for a program', async () => {
    const { stdout, stderr } = await runFixture('names', '--json');
    expect(stderr.trim().split('\n').toSorted()).toEqual(['[hello-2] hello', '[hello-3] hello', '[小明] hello']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'run', ok: true });
  });

  test('waits while nobody reads, without filling memory, and flows again', async () => {
    let server: { resumeOutput(): void } | undefined;
    let open = false;
    let received = 0;
    let refusedBytes = 0;
    const { ok } = await supervise(
      'prints-much',
      { megabytes: '4' },
      {
        onServer: (started) => {
          server = started;
        },
        events: {
          output(_record, _stream, chunk) {
            received += chunk.length;
            if (open) return true;
            refusedBytes += chunk.length;
            // What was on its way may still come; the bulk must not.
            setTimeout(() => {
              open = true;
              server?.resumeOutput();
            }, 200);
            return false;
          },
        },
      },
    );
    expect(ok).toBe(true);
    expect(received).toBe(4_000_000);
    expect(refusedBytes).toBeLessThan(400_000);
  });
});

describe('a reader that goes away', () => {
  test.each(both)('after one line, while the %s prints and prints', async (where) => {
    const command = new Command(['run', fixture('prints-for-ever'), '--where', where]);
    await command.says(/line 0\n/);
    command.stream('stdout').destroy();
    expect(await command.ends()).toMatchObject({ exitCode: 141, signal: null, stderr: '' });
  });

  test('before anything was written', async () => {
    for (const args of [['list'], ['--help'], ['run', 'value-array'], ['run', 'value-array', '--json']]) {
      const command = new Command(args);
      command.stream('stdout').destroy();
      expect([args, await command.ends()]).toEqual([args, { exitCode: 141, signal: null, stdout: '', stderr: '' }]);
    }
  });

  test('of errors', async () => {
    const command = new Command(['run', 'no-such-thing']);
    command.stream('stderr').destroy();
    expect(await command.ends()).toMatchObject({ exitCode: 141, stdout: '' });
  });

  test('of notes, while the report is read', async () => {
    const command = new Command(['run', fixture('prints-for-ever'), '--json', '--timeout', '20']);
    command.stream('stderr').destroy();
    expect(await command.ends()).toMatchObject({ exitCode: 141, stdout: '' });
  });
});
