import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileLock } from '#src/primitives/file-lock.js';
import { SharedLab } from '../shared-lab.ts';
import { ownFolder } from '../temporary-folder.ts';

const { file: fileIn } = ownFolder();
let lab: SharedLab;
let locks: FileLock[];

beforeEach(() => {
  lab = new SharedLab(2);
  locks = [];
});
afterEach(() => {
  for (const lock of locks) lock.close();
  lab[Symbol.dispose]();
});

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

function make(file?: string, by = 0): FileLock {
  const lock = FileLock.create(lab.memory(by), file, { name: 'till' });
  locks.push(lock);
  return lock;
}

function handOn(lock: FileLock): FileLock {
  const theirs = lab.send(lock, 0, 1);
  locks.push(theirs);
  return theirs;
}

test('keeps the other out, with a file of its own or one at a path, and is not recursive', async () => {
  for (const file of [undefined, fileIn('lock')]) {
    const ours = make(file);
    const theirs = handOn(ours);
    expect([ours.acquire(), ours.tryAcquire(), ours.acquire(5), theirs.tryAcquire(), theirs.acquire(5)]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect([theirs.owner, theirs.locked]).toEqual(['supervisor', true]);
    expect(() => theirs.release()).toThrow('till can be released only by its owner, and supervisor holds it');
    expect(() => theirs.hold(5)).toThrow(code('ERR_IPC_TIMEOUT'));
    const later = theirs.acquireAsync();
    ours.release();
    expect([await later, theirs.owner, ours.tryAcquire()]).toEqual([true, 'process-2', false]);
    theirs.release();
    expect(ours.with(() => theirs.locked)).toBe(true);
    expect([ours.locked, ours.owner]).toEqual([false, undefined]);
  }
});

test('of one path are one lock, also for two labs in one process; the file is the user’s own', () => {
  const file = fileIn('shared-lock');
  using other = new SharedLab(1);
  const ours = make(file);
  const foreign = FileLock.create(other.memory(0), file);
  locks.push(foreign);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  ours.acquire();
  expect([foreign.tryAcquire(), foreign.acquire(20), foreign.owner]).toEqual([false, false, undefined]);
  ours.close();
  expect([foreign.acquire(1000), existsSync(file)]).toEqual([true, true]);
});

test('is not mistaken for the lock of a file that has taken its place', () => {
  const file = fileIn('replaced-lock');
  const ours = make(file);
  writeFileSync(`${file}.new`, '');
  renameSync(`${file}.new`, file);
  expect(() => lab.send(ours, 0, 1)).toThrow(code('ERR_IPC_FILE_NOT_FOUND'));
});

test.each([
  ['', 'ERR_IPC_INVALID_ARGUMENT'],
  ['a\0b', 'ERR_IPC_INVALID_ARGUMENT'],
  ['/no/such/folder/lock', 'ERR_IPC_FILE_NOT_FOUND'],
  ['/', 'ERR_IPC_FILE'],
])('cannot be at %j', (file, expected) => {
  expect(() => FileLock.create(lab.memory(0), file)).toThrow(code(expected));
});

test('refuses every use when it is closed', async () => {
  const lock = make();
  lock.close();
  lock.close();
  for (const use of [
    () => lock.acquire(),
    () => lock.tryAcquire(),
    () => lock.release(),
    () => lock.owner,
    () => lock.hold(),
    () => lock.with(() => 1),
  ])
    expect(use).toThrow(code('ERR_IPC_CLOSED'));
  await expect(lock.acquireAsync()).rejects.toThrow(code('ERR_IPC_CLOSED'));
});

test.each([Number.NaN, '5' as never])('refuses to wait for %s ms', (timeoutMs) => {
  expect(() => make().acquire(timeoutMs)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});
