/** `ipc-lab mmap produce` and `ipc-lab mmap consume`: two real processes that share a file and nothing else. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import { plan } from '#src/cli/plan.js';
import { refuseLeaks } from '../leak-check.ts';
import { ownFolder } from '../temporary-folder.ts';

const BIN = new URL('../../bin/ipc-lab.js', import.meta.url).pathname;
const TEXT = 'aé你👋 שלום';

refuseLeaks();
const folder = ownFolder();

function half(role: 'produce' | 'consume', name: string, flags: readonly string[] = [], input?: string | Buffer) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [BIN, 'mmap', role, folder.file(name), ...flags], {
    encoding: 'utf8',
    ...(input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input }),
  });
  return { stdout, stderr, status };
}

/** A half that runs while the test goes on. */
function start(
  role: 'produce' | 'consume',
  name: string,
  flags: readonly string[],
  stdin: 'ignore' | number = 'ignore',
) {
  const child = spawn(process.execPath, [BIN, 'mmap', role, folder.file(name), ...flags], {
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let stdout = '';
  child.stdout?.on('data', (chunk) => {
    stdout += String(chunk);
  });
  return { child, ended: once(child, 'close').then(([status]) => ({ status: status as number, stdout })) };
}

const codeOf = (stdout: string): string => (JSON.parse(stdout) as { code: string }).code;

describe('two halves', () => {
  test('carry a text', () => {
    const written = half('produce', 'a', ['--size', '4096', '--text', TEXT]);
    expect(written).toMatchObject({ status: 0, stderr: '' });
    expect(written.stdout).toContain(`ipc-lab mmap consume ${folder.file('a')}`);
    expect(half('consume', 'a')).toEqual({ status: 0, stderr: '', stdout: `${TEXT}\n` });
    expect(readdirSync(folder.file('.')).toSorted()).toEqual(['a', 'tmp']);
  });

  test('wait for each other: for a file, for its bytes, for a text', async () => {
    const first = start('consume', 'a', ['--wait']);
    writeFileSync(folder.file('b'), '');
    const second = start('consume', 'b', ['--wait']);
    writeFileSync(folder.file('c'), '');
    truncateSync(folder.file('c'), 4096);
    const third = start('consume', 'c', ['--wait', '--json']);
    half('produce', 'a', ['--size', '4096', '--text', TEXT]);
    half('produce', 'b', ['--size', '4096', '--text', TEXT]);
    half('produce', 'c', ['--text', TEXT]);
    expect(await first.ended).toEqual({ status: 0, stdout: `${TEXT}\n` });
    expect(await second.ended).toEqual({ status: 0, stdout: `${TEXT}\n` });
    expect(JSON.parse((await third.ended).stdout)).toMatchObject({
      version: 1,
      kind: 'mmap',
      role: 'consume',
      file: folder.file('c'),
      fileBytes: 4096,
      text: TEXT,
      textBytes: Buffer.byteLength(TEXT),
    });
  });

  test('replace a text by another, in a file of another size', () => {
    for (const [size, text] of [
      ['100', 'one'],
      ['50', 'two'],
      ['1KiB', 'three'],
    ] as const) {
      expect(JSON.parse(half('produce', 'a', ['--size', size, '--text', text, '--json']).stdout)).toMatchObject({
        text,
      });
      expect(half('consume', 'a').stdout).toBe(`${text}\n`);
    }
    expect(readFileSync(folder.file('a'))).toHaveLength(1024);
  });

  test('follow a link', () => {
    half('produce', 'a', ['--size', '100', '--text', 'one']);
    symlinkSync('a', folder.file('link'));
    expect(half('produce', 'link', ['--size', '200', '--text', 'two']).status).toBe(0);
    expect(half('consume', 'a').stdout).toBe('two\n');
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('end at once on %s', async (signal) => {
    const waiting = start('consume', 'a', ['--wait']);
    execFileSync('mkfifo', [folder.file('input')]);
    const input = openSync(folder.file('input'), constants.O_RDWR);
    const asking = start('produce', 'b', ['--size', '100'], input);
    await Promise.all([waiting, asking].map(({ child }) => untilItListens(child.pid ?? 0)));
    waiting.child.kill(signal);
    asking.child.kill(signal);
    const expected = { status: signal === 'SIGINT' ? 130 : 143, stdout: '' };
    expect(await waiting.ended).toEqual(expected);
    expect(await asking.ended).toEqual(expected);
    closeSync(input);
    expect(existsSync(folder.file('b'))).toBe(false);
  });
});

/** Resolves when a process has a handler of ours for SIGHUP; SIGINT and SIGTERM have one of Node's from the beginning. */
async function untilItListens(pid: number): Promise<void> {
  const caught = (): bigint =>
    BigInt(`0x${/SigCgt:\s*([0-9a-f]+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? '0'}`);
  await expect.poll(() => caught() & 1n, { timeout: 10_000, interval: 5 }).toBe(1n);
}

describe('a text', () => {
  test.each([
    ['as it is', TEXT, TEXT],
    ['of many lines', 'a\n\nb\n', 'a\n\nb'],
    ['with the other line feed', 'a\r\n', 'a'],
    ['with its mark', '\uFEFFa', '\uFEFFa'],
  ])('is taken from standard input: %s', (_name, input, text) => {
    expect(JSON.parse(half('produce', 'a', ['--size', '100', '--json'], input).stdout)).toMatchObject({ text });
  });

  test('may be empty', () => {
    const empty = spawnSync('sh', [
      '-c',
      `printf '' | "$0" "$1" mmap produce "$2" --size 16`,
      process.execPath,
      BIN,
      folder.file('a'),
    ]);
    expect(empty.status).toBe(0);
    expect(half('consume', 'a')).toEqual({ status: 0, stderr: '', stdout: '\n' });
    expect(half('produce', 'a', ['--text', '']).status).toBe(0);
  });

  test('is exactly as long as the file, and not a byte longer', () => {
    const full = '你'.repeat(5);
    expect(half('produce', 'a', ['--size', '31', '--text', full]).status).toBe(0);
    expect(half('consume', 'a').stdout).toBe(`${full}\n`);
    const before = readFileSync(folder.file('a'));
    const { stdout, status } = half('produce', 'a', ['--text', `${full}!`, '--json']);
    expect([status, codeOf(stdout)]).toEqual([1, 'ERR_IPC_TEXT_TOO_LONG']);
    expect(half('produce', 'a', ['--text', `${full}!`, '--size', '31']).status).toBe(1);
    expect(readFileSync(folder.file('a'))).toEqual(before);
    expect(half('produce', 'b', ['--text', `${full}!`, '--size', '31']).status).toBe(1);
    expect(existsSync(folder.file('b'))).toBe(false);
  });

  test('is wanted', () => {
    const { stderr, status } = half('produce', 'a', ['--size', '100']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('--text')]);
    expect(existsSync(folder.file('a'))).toBe(false);
    expect(half('produce', 'a', ['--size', '100'], Buffer.of(0x61, 0xff)).status).toBe(2);
  });
});

describe('a file', () => {
  test.each([
    ['garbage', Buffer.from('something that somebody needs')],
    ['a text with a wrong checksum', Buffer.from('IPCm\x02\0\0\0\x01\0\0\0\0\0\0\0a', 'latin1')],
    ['a text longer than the file', Buffer.from('IPCm\x02\0\0\0\xff\xff\0\0\0\0\0\0a', 'latin1')],
    ['too few bytes', Buffer.from('IPCm')],
  ])('of %s is not read', (_name, content) => {
    writeFileSync(folder.file('a'), content);
    for (const flags of [['--json'], ['--json', '--wait']]) {
      const { stdout, status } = half('consume', 'a', flags);
      expect([status, codeOf(stdout)]).toEqual([1, 'ERR_IPC_TEXT_INVALID']);
    }
  });

  test('of something else is not overwritten', () => {
    const content = 'something that somebody needs';
    writeFileSync(folder.file('a'), content);
    writeFileSync(folder.file('zeroes-first'), Buffer.concat([new Uint8Array(16), Buffer.from(content)]));
    for (const name of ['a', 'zeroes-first']) {
      const before = readFileSync(folder.file(name));
      for (const flags of [[], ['--size', '100']]) {
        const { stdout, status } = half('produce', name, ['--text', 'x', '--json', ...flags]);
        expect([status, codeOf(stdout)]).toEqual([1, 'ERR_IPC_TEXT_INVALID']);
        expect(readFileSync(folder.file(name))).toEqual(before);
      }
    }
  });

  test.each([
    ['none', 'ERR_IPC_FILE_NOT_FOUND'],
    ['folder', 'ERR_IPC_FILE'],
    ['empty', 'ERR_IPC_FILE_EMPTY'],
    ['zeroes', 'ERR_IPC_NO_TEXT'],
  ])('%s is told from others: %s', (name, code) => {
    mkdirSync(folder.file('folder'));
    writeFileSync(folder.file('empty'), '');
    writeFileSync(folder.file('zeroes'), new Uint8Array(100));
    const { stdout, status } = half('consume', name, ['--json']);
    expect([status, codeOf(stdout)]).toEqual([1, code]);
    if (code === 'ERR_IPC_NO_TEXT') return;
    const produced = half('produce', name, ['--json', '--text', 'x']);
    expect([produced.status, codeOf(produced.stdout)]).toEqual([1, code]);
  });

  test('is looked for before anybody is asked', () => {
    const { stderr, status } = half('produce', 'none', [], 'text');
    expect([status, stderr]).toEqual([1, expect.stringContaining('no such file')]);
  });
});

describe('the plan', () => {
  test.each([
    [['mmap', 'produce', 'f'], { role: 'produce', file: 'f', text: undefined, sizeBytes: undefined }],
    [['mmap', 'produce', 'f', '--text', '', '--size', '64KiB'], { text: '', sizeBytes: 65_536 }],
    [['mmap', 'produce', 'f', '--text=--x', '--size=1m', '--json'], { text: '--x', sizeBytes: 1024 ** 2, json: true }],
    [['mmap', 'consume', 'f', '--wait', '--ascii'], { role: 'consume', wait: true, json: false, ascii: true }],
  ])('of %j', (argv, expected) => {
    expect(plan(argv, '0')).toMatchObject({ kind: 'mmap', ...expected });
  });

  test.each([
    ['produce'],
    ['devour', 'f'],
    ['consume', 'f', '--text', 'x'],
    ['consume', 'f', 'g'],
    ['produce', 'f', '--wait'],
  ])('refuses mmap %s %s %s %s', (...argv) => {
    expect(() => plan(['mmap', ...argv], '0')).toThrow(expect.objectContaining({ code: 'ERR_IPC_USAGE' }));
  });

  test.each(['0', '-1', '1.5', 'x', '', '1e400', '9999999g'])('refuses --size %j', (size) => {
    expect(() => plan(['mmap', 'produce', 'f', `--size=${size}`], '0')).toThrow(
      expect.objectContaining({ code: 'ERR_IPC_BAD_PARAMETER' }),
    );
  });

  test('of the group alone shows its members', () => {
    expect(plan(['mmap'], '0')).toMatchObject({ kind: 'print', text: expect.stringContaining('consume') });
  });
});
