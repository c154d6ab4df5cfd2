import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'fast-string-width';
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { expectError, expectList, expectRun, expectRunAll } from './documents.ts';
import { answer, FakeIo, onlyDocument, steady } from './fake-io.ts';

refuseLeaks();

const fixtures = fileURLToPath(new URL('../../dist/test/integration/fixtures/', import.meta.url));

function fixture(name: string): string {
  return `${fixtures}${name}.js`;
}

function widest(text: string): number {
  return Math.max(...text.split('\n').map((line) => stringWidth(line)));
}

describe('for people', () => {
  test('nothing: a few commands to begin with', async () => {
    const { exitCode, stdout, stderr } = await answer([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout.match(/^ {2}ipc-lab /gm)?.length).toBeOneOf([3, 4, 5]);
  });

  test('--version', async () => {
    expect(await answer(['--version'])).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  test.each([
    [[]],
    [['--help']],
    [['run', '--help']],
    [['run', 'raw-counter', '--help']],
    [['explore', 'dining-philosophers', '--help', '--ascii']],
    [['race', '--help']],
    [['explore', '--help']],
    [['bench', '--help']],
    [['list']],
  ])('%j keeps to 80 columns, plainly', async (argv) => {
    const { exitCode, stdout } = await answer(argv);
    expect(exitCode).toBe(0);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('\u001B');
  });

  test('run NAME --help says what the scenario takes; of what is none of ours only what all take', async () => {
    const { stdout } = await answer(['run', 'raw-counter', '--help']);
    expect(stdout).toMatch(/^raw-counter\n/);
    expect(stdout).toMatch(/^ {2}--processes {3}how many .*: 1 to 64 \(default 1\)$/m);
    expect(stdout).toMatch(/^Usage: ipc-lab run/m);
    for (const name of ['raw-conter', './mine.js'])
      expect((await answer(['run', name, '--help'])).stdout).toMatch(/^Usage: ipc-lab run/);
  });

  test('list says what there is, by topic', async () => {
    const { stdout } = await answer(['list']);
    expect(stdout).toMatch(/^shared-memory\n/m);
    expect(stdout).toMatch(/^ {2}value-array {2,}A child changes a shared number/m);
    expect(stdout).toContain('--processes --increments --hold');
  });

  test('run: one screen', async () => {
    const { exitCode, stdout, stderr } = await answer(['run', 'value-array', '--length', '3']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "value-array  A child changes a shared number and squares a shared array in place
      length 3

      SHARED  TYPE  BEFORE  AFTER
      number  SharedValue 'd'  0  3.1415927
      numbers  SharedArray 'i'  [0,1,2]  [0,1,4]

      PROCESS  PID  START-UP  WORK  EXIT
      main PID TIME TIME  0
      change-1 PID TIME TIME  0

      RESULT  { number: 3.1415927, numbers: [0,1,4] }
      ok in TIME, as it must be
      "
    `);
  });

  test('run with a wrong result', async () => {
    const { exitCode, stdout } = await answer(['run', fixture('wrong-result')]);
    expect(exitCode).toBe(1);
    expect(steady(stdout)).toMatchInlineSnapshot(`
      "wrong-result  The result is not what it must be

      PROCESS  PID  START-UP  WORK  EXIT
      main PID TIME TIME  0

      RESULT  41
      EXPECTED 42
      FAILED in TIME
      "
    `);
  });

  test('run all: a table at the end', async () => {
    const { exitCode, stdout, stderr } = await answer(['run', 'all']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^SCENARIO +RESULT +PROCESSES +TIME\n/m);
    expect(stdout).toMatch(/^raw-counter +ok +\{ counter: 10000, numbers: \[\S+ +3 /m);
    expect(stdout).toMatch(/\n\nall \d+ scenarios ok\n$/);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
  });

  test('a mistake: what, and what to do', async () => {
    expect(await answer(['run', 'raw-countr'])).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        'ipc-lab: there is no scenario named "raw-countr"\n' +
        'Did you mean raw-counter? "ipc-lab list" shows them all; a file of your own is\n' +
        'given as a path, as in ./raw-countr.js\n',
    });
  });

  test.each([
    [['--processes', '0'], '--processes takes a whole number from 1 to 64; 0 is too small'],
    [['--processes', '65'], '--processes takes a whole number from 1 to 64; 65 is too large'],
    [['--processes', '1.5'], '--processes takes a whole number from 1 to 64, not "1.5"'],
    [['--processes', 'many'], '--processes takes a whole number from 1 to 64, not "many"'],
    [['--processes'], '--processes takes a whole number from 1 to 64, not nothing'],
    [['--increments', '1e400'], '--increments takes a whole number from 0 to 100000000, not "1e400"'],
    [['--procesess', '3'], 'unknown option --procesess'],
    [['--__proto__', '3'], 'unknown option --__proto__'],
    [['--hold', 'ech'], '--hold takes loop or each, not "ech"'],
  ])('a bad parameter: %j', async (argv, message) => {
    const { exitCode, stdout, stderr } = await answer(['run', 'raw-counter', ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(`ipc-lab: ${message}`);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('run all takes no parameters', async () => {
    const { exitCode, stderr } = await answer(['run', 'all', '--processes', '3']);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^ipc-lab: run all takes no parameters of scenarios, but --processes was given\n/);
  });
});

describe('wide characters', () => {
  test('line up, and break where the line ends', async () => {
    const { exitCode, stdout } = await answer(['run', fixture('wide-names')]);
    expect(exitCode).toBe(0);
    expect(widest(stdout)).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(/^\[子进程\] 你好，世界$/m);
    const table = stdout.slice(stdout.indexOf('SHARED'), stdout.indexOf('\n\nPROCESS'));
    expect(table).toMatchInlineSnapshot(`
      "SHARED  TYPE          BEFORE   AFTER
      计数器  RawValue 'i'  7        8
      plain   RawArray 'i'  [1,2,3]  [1,2,3]
      字节    RawArray 'i'  [0,0]    [0,0]"
    `);
    const column = (line: string, what: RegExp): number => stringWidth(line.slice(0, line.search(what)));
    expect(new Set(table.split('\n').map((line) => column(line, /TYPE|Raw/))).size).toBe(1);
  });
});

describe('for programs', () => {
  test('list --json', async () => {
    const found = await answer(['list', '--json']);
    expect(found).toMatchObject({ exitCode: 0, stderr: '' });
    expectList(onlyDocument(found));
  });

  test('run --json', async () => {
    const found = await answer(['run', 'raw-counter', '--processes', '2', '--hold', 'each', '--json']);
    expect(found).toMatchObject({ exitCode: 0, stderr: '' });
    const document = onlyDocument(found);
    expectRun(document);
    expect(document).toMatchObject({
      scenario: 'raw-counter',
      ok: true,
      result: { counter: 20_000, numbers: [1, 4, 9, 16, 25] },
      expected: { counter: 20_000, numbers: [1, 4, 9, 16, 25] },
      params: { processes: 2, increments: 10_000, hold: 'each' },
      processes: Array.from({ length: 4 }, () => ({ exitCode: 0, signal: null })),
    });
  });

  test('run --json of a failure', async () => {
    const found = await answer(['run', fixture('throws'), '--json']);
    expect(found).toMatchObject({ exitCode: 1, stderr: '' });
    const document = onlyDocument(found);
    expectRun(document);
    expect(document).toMatchObject({ ok: false, result: null, failures: [{ process: 'fail-1' }, { process: 'main' }] });
  });

  test('run all --json', async () => {
    const found = await answer(['run', 'all', '--json']);
    // What the scenarios' processes print, and nothing else.
    expect(found.stderr).toMatch(/^(\[\S+\] .*\n)*$/);
    expect(found.exitCode).toBe(0);
    expectRunAll(onlyDocument(found));
  });

  test('what processes print goes to stderr', async () => {
    const found = await answer(['run', fixture('names'), '--json']);
    expectRun(onlyDocument(found));
    expect(found.stderr.split('\n').toSorted()).toEqual(['', '[hello-2] hello', '[hello-3] hello', '[小明] hello']);
  });

  test.each([
    [['run', 'no-such', '--json'], 'ERR_IPC_NO_SUCH_SCENARIO'],
    [['run', './no-such.js', '--json'], 'ERR_IPC_NO_SUCH_SCENARIO'],
    [['run', 'raw-counter', '--processes', '99', '--json'], 'ERR_IPC_BAD_PARAMETER'],
    [['run', 'raw-counter', '--json', '--timeout', '0'], 'ERR_IPC_BAD_PARAMETER'],
    [['run', '--json'], 'ERR_IPC_USAGE'],
    [['frobnicate', '--json'], 'ERR_IPC_USAGE'],
  ])('a mistake: %j', async (argv, code) => {
    const found = await answer(argv);
    expect(found).toMatchObject({ exitCode: 2, stderr: '' });
    expectError(onlyDocument(found), code);
  });
});

describe('a screen', () => {
  const argv = ['run', 'value-array'];

  test('has colour when it is a terminal', async () => {
    const { stdout } = await answer(argv, new FakeIo(100));
    expect(stdout).toContain('\u001B[');
    const plain = await answer(argv);
    expect(steady(stripVTControlCharacters(stdout))).toBe(steady(plain.stdout));
  });

  test.each([
    ['is no terminal', argv, new FakeIo()],
    ['is told NO_COLOR', argv, new FakeIo(100, { NO_COLOR: '1' })],
    ['is told --ascii', [...argv, '--ascii'], new FakeIo(100)],
  ])('has none when it %s', async (_when, words, io) => {
    const { exitCode, stdout, stderr } = await answer(words, io);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).not.toContain('\u001B');
  });

  test('has ASCII only when it is told --ascii', async () => {
    for (const words of [
      ['run', 'raw-counter', '--ascii'],
      ['run', fixture('hundred-children'), '--count', '2', '--ascii'],
      ['run', fixture('not-exported'), '--ascii'],
      ['run', fixture('exports-nothing'), '--ascii'],
      ['list', '--ascii'],
    ]) {
      const { stdout, stderr } = await answer(words);
      // oxlint-disable-next-line no-control-regex
      expect(stdout + stderr).toMatch(/^[\x00-\x7F]+$/);
    }
  });

  test('is used to its width, and no further, by text and tables', async () => {
    for (const columns of [60, 100]) {
      const { stdout } = await answer(['run', fixture('exit-codes'), '--ascii'], new FakeIo(columns));
      expect(widest(stdout)).toBeLessThanOrEqual(columns);
    }
    const { stdout } = await answer(['list'], new FakeIo(60));
    expect(widest(stdout)).toBeLessThanOrEqual(60);
  });

  test('draws a spinner only when something takes long, and leaves nothing of it', async () => {
    const io = new FakeIo(80);
    const { exitCode } = await answer(['run', fixture('loops-for-ever'), '--timeout', '1.5'], io);
    expect(exitCode).toBe(1);
    expect(io.stderr.text).toContain('loops-for-ever');
    expect(io.stderr.text.endsWith('\u001B[?25h')).toBe(true);
    expect(io.stdout.text).not.toContain('\u001B[?25');
    const noScreen = new FakeIo(0);
    await answer(['run', fixture('loops-for-ever'), '--timeout', '1'], noScreen);
    expect(noScreen.stderr.text).toBe('');
  });

  test('is left as it was by an interruption; nobody listens to signals any more', async () => {
    const io = new FakeIo(80);
    const answered = answer(['run', fixture('loops-for-ever')], io);
    while (io.listenerCount('SIGINT') === 0) await new Promise(setImmediate);
    io.emit('SIGINT');
    expect(await answered).toMatchObject({ exitCode: 130 });
    expect(['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => io.listenerCount(signal))).toEqual([0, 0, 0]);
  });
});
