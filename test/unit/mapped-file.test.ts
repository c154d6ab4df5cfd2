/** A file as memory, without other processes. Each test runs twice: with the kernel's copying, and as where that is refused. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '#src/core/errors.js';
import { FileRegion } from '#src/memory/file-region.js';
import { currentPlatform } from '#src/platform/current.js';
import { LinuxFiles } from '#src/platform/linux-files.js';
import type { Platform } from '#src/platform/platform.js';
import { ownFolder } from '../temporary-folder.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (from: Uint8Array): string => new TextDecoder().decode(from);
const failing = (code: ErrorCode, message = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

describe.each([
  ['copied by the kernel', true],
  ['read and written as a file', false],
])('a mapped file, %s', (_name, copies) => {
  const folder = ownFolder();
  const platform: Platform = { ...currentPlatform(), files: new LinuxFiles(copies) };

  test('is the file: what is written is there, for all who map it', () => {
    writeFileSync(folder.file('a'), 'x'.repeat(10_000));
    using first = FileRegion.open(platform, folder.file('a'));
    using second = FileRegion.open(platform, folder.file('a'));
    first.write(4090, bytes('across a page'));
    expect(textOf(second.read(4089, 15))).toBe('xacross a pagex');
    expect(readFileSync(folder.file('a'), 'latin1')).toBe(
      `${'x'.repeat(4090)}across a page${'x'.repeat(10_000 - 4103)}`,
    );
    first.flush();
  });

  test('takes and gives any part, also of a larger buffer', () => {
    using file = FileRegion.createTemporary(platform, 100);
    const large = bytes('..hello..');
    file.write(95, large.subarray(2, 7));
    expect(textOf(file.read(95))).toBe('hello');
    expect(file.read(100)).toEqual(new Uint8Array(0));
    file.write(100, new Uint8Array(0));
    expect(file.read()).toHaveLength(100);
  });

  test.each([
    [-1, 1],
    [0, 101],
    [100, 1],
    [101, 0],
    [0.5, 1],
    [0, Number.NaN],
    [2 ** 53, 1],
    [50, -1],
  ])('has no bytes at offset %d, length %d', (offset, length) => {
    using file = FileRegion.createTemporary(platform, 100);
    expect(() => file.read(offset, length)).toThrow(failing('ERR_IPC_OUT_OF_RANGE'));
  });

  test('is not written beyond its end, nor with anything but bytes', () => {
    using file = FileRegion.createTemporary(platform, 100);
    expect(() => file.write(99, bytes('ab'))).toThrow(failing('ERR_IPC_OUT_OF_RANGE'));
    expect(() => file.write(0, 'ab' as unknown as Uint8Array)).toThrow(failing('ERR_IPC_INVALID_ARGUMENT'));
    expect(file.read().every((byte) => byte === 0)).toBe(true);
  });

  test.each([0, 1, 50, 4096, 5000])(
    'says so when it is cut to %d bytes, and works again when it is as long as it was',
    (left) => {
      writeFileSync(folder.file('a'), 'x'.repeat(10_000));
      using file = FileRegion.open(platform, folder.file('a'));
      truncateSync(folder.file('a'), left);
      expect(() => file.read()).toThrow(failing('ERR_IPC_FILE_SHRANK'));
      expect(() => file.read(9000, 10)).toThrow(failing('ERR_IPC_FILE_SHRANK'));
      expect(() => file.write(9000, bytes('lost'))).toThrow(failing('ERR_IPC_FILE_SHRANK'));
      expect(() => file.expose()).toThrow(failing('ERR_IPC_FILE_SHRANK'));
      file.flush();
      expect(statSync(folder.file('a')).size).toBe(left);
      truncateSync(folder.file('a'), 10_000);
      file.write(9000, bytes('kept'));
      expect(textOf(file.read(9000, 4))).toBe('kept');
    },
  );

  test('is made of zeroes, private, with room on the disk', () => {
    using file = FileRegion.create(platform, folder.file('new'), 1_000_000);
    expect(file.read().every((byte) => byte === 0)).toBe(true);
    const { mode, size, blocks } = statSync(folder.file('new'));
    expect([mode & 0o777, size, blocks * 512 >= 1_000_000]).toEqual([0o600, 1_000_000, true]);
  });

  test('is not made where one is, and not half', () => {
    writeFileSync(folder.file('a'), 'kept');
    expect(() => FileRegion.create(platform, folder.file('a'), 100)).toThrow(failing('ERR_IPC_FILE_EXISTS'));
    expect(readFileSync(folder.file('a'), 'latin1')).toBe('kept');
    expect(() => FileRegion.create(platform, folder.file('b'), 2 ** 52)).toThrow(failing('ERR_IPC_FILE'));
    expect(existsSync(folder.file('b'))).toBe(false);
  });

  test('can be the first part of a file, and no more than the file', () => {
    writeFileSync(folder.file('a'), 'hello');
    using file = FileRegion.open(platform, folder.file('a'), 4);
    expect(textOf(file.read())).toBe('hell');
    expect(() => FileRegion.open(platform, folder.file('a'), 6)).toThrow(failing('ERR_IPC_OUT_OF_RANGE', 'it has 5'));
    expect(() => FileRegion.open(platform, folder.file('a'), 0)).toThrow(failing('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('shows itself, until it is closed', () => {
    writeFileSync(folder.file('a'), 'x'.repeat(5000));
    const file = FileRegion.open(platform, folder.file('a'));
    const view = new Uint8Array(file.expose());
    view[4999] = 0x79;
    expect(readFileSync(folder.file('a'), 'latin1').at(-1)).toBe('y');
    expect(textOf(file.read(4998))).toBe('xy');
    file.close();
    file.close();
    expect(view[4999]).toBe(0);
    view[4999] = 0x7a;
    expect(readFileSync(folder.file('a'), 'latin1').at(-1)).toBe('y');
    for (const use of [() => file.read(), () => file.write(0, view), () => file.expose(), () => file.flush()])
      expect(use).toThrow(failing('ERR_IPC_CLOSED'));
  });

  test('gives back what it took', () => {
    writeFileSync(folder.file('a'), 'x'.repeat(5000));
    const taken = (): readonly number[] => [
      readdirSync('/proc/self/fd').length,
      readFileSync('/proc/self/maps', 'latin1').split(folder.file('a')).length,
    ];
    const before = taken();
    for (let i = 0; i < 50; i++) FileRegion.open(platform, folder.file('a')).close();
    mkdirSync(folder.file('d'));
    for (const name of ['d', 'none']) expect(() => FileRegion.open(platform, folder.file(name))).toThrow();
    expect(() => FileRegion.create(platform, folder.file('b'), 2 ** 52)).toThrow();
    expect(taken()).toEqual(before);
  });

  test('that is temporary is in no folder, and opens by its path while it is open', () => {
    using file = FileRegion.createTemporary(platform, 100);
    expect(readdirSync(folder.file('tmp'))).toEqual([]);
    expect(readlinkSync(file.path)).toMatch(/\(deleted\)$/);
    using other = FileRegion.attach(platform, file.path, file.length, file.identity);
    other.write(0, bytes('shared'));
    expect(textOf(file.read(0, 6))).toBe('shared');
  });

  test('that is temporary needs no folder', () => {
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder.file('none');
    try {
      using file = FileRegion.createTemporary(platform, 100);
      file.write(0, bytes('x'));
      expect(file.read(0, 1)).toEqual(bytes('x'));
    } finally {
      process.env['TMPDIR'] = before;
    }
  });

  test('fills a hole', () => {
    closeSync(openSync(folder.file('a'), 'w'));
    truncateSync(folder.file('a'), 1_000_000);
    using file = FileRegion.open(platform, folder.file('a'));
    expect(file.read(500_000, 3)).toEqual(new Uint8Array(3));
    file.write(500_000, bytes('abc'));
    expect(textOf(file.read(500_000, 3))).toBe('abc');
  });
});

describe('what cannot be mapped', () => {
  const folder = ownFolder();
  const platform = currentPlatform();
  const open = (name: string) => () => FileRegion.open(platform, folder.file(name));

  test('no such file', () => {
    expect(open('none')).toThrow(failing('ERR_IPC_FILE_NOT_FOUND', 'no such file'));
    writeFileSync(folder.file('a'), 'x');
    expect(open('a/b')).toThrow(failing('ERR_IPC_FILE', 'is a file, not a folder'));
    expect(() => FileRegion.create(platform, folder.file('none/b'), 10)).toThrow(failing('ERR_IPC_FILE_NOT_FOUND'));
  });

  test('a directory', () => {
    mkdirSync(folder.file('d'));
    expect(open('d')).toThrow(failing('ERR_IPC_FILE', 'directory'));
    expect(() => FileRegion.create(platform, folder.file('d'), 10)).toThrow(failing('ERR_IPC_FILE_EXISTS'));
  });

  test('an empty file', () => {
    writeFileSync(folder.file('a'), '');
    expect(open('a')).toThrow(failing('ERR_IPC_FILE_EMPTY'));
  });

  test('a pipe with nobody at its other end, a device, a circle of links', () => {
    execFileSync('mkfifo', [folder.file('p')]);
    expect(open('p')).toThrow(failing('ERR_IPC_FILE', 'regular file'));
    expect(() => FileRegion.open(platform, '/dev/null')).toThrow(failing('ERR_IPC_FILE', 'regular file'));
    symlinkSync('l', folder.file('l'));
    expect(open('l')).toThrow(failing('ERR_IPC_FILE', 'circle'));
  });

  test('what is no path', () => {
    for (const path of ['', 'a\0b', undefined, 7])
      expect(() => FileRegion.open(platform, path as string)).toThrow(failing('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('a file of somebody else, or that may not be written', () => {
    writeFileSync(folder.file('a'), 'secret');
    chmodSync(folder.file('a'), 0o444);
    asOrdinaryUser(() => expect(open('a')).toThrow(failing('ERR_IPC_FILE', 'permission is denied')));
    expect(readFileSync(folder.file('a'), 'latin1')).toBe('secret');
  });
});

/** The superuser may do everything; who is checked by the kernel is somebody else. */
function asOrdinaryUser(work: () => void): void {
  const superuser = process.geteuid?.() === 0;
  if (superuser) process.seteuid?.(65_534);
  try {
    work();
  } finally {
    if (superuser) process.seteuid?.(0);
  }
}
