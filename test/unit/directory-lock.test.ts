import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { currentPlatform } from '#src/platform/current.js';
import { DirectoryLock, tidyDirectoryLocks } from '#src/primitives/directory-lock.js';
import { SharedLab } from '../shared-lab.ts';
import { ownFolder } from '../temporary-folder.ts';

const { file: fileIn } = ownFolder();
let lab: SharedLab;
let locks: DirectoryLock[];

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

function make(directory?: string, by = 0): DirectoryLock {
  const lock = DirectoryLock.create(lab.memory(by), directory, { name: 'till' });
  locks.push(lock);
  return lock;
}

function handOn(lock: DirectoryLock): DirectoryLock {
  const theirs = lab.send(lock, 0, 1);
  locks.push(theirs);
  return theirs;
}

/** The entry of a process that has ended. */
function deadOwner(namespace = currentPlatform().processNamespace()): string {
  const { pid } = spawnSync('true');
  return `${pid}-${pid}-1-${namespace}-dead`;
}

test('keeps the other out, at a path of its own or a given one, and is not recursive', async () => {
  for (const directory of [undefined, fileIn('lock')]) {
    const ours = make(directory);
    const theirs = handOn(ours);
    expect(theirs.path).toBe(ours.path);
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
    expect([ours.locked, ours.owner, existsSync(ours.path)]).toEqual([false, undefined, false]);
    expect(() => ours.release()).toThrow(code('ERR_IPC_NOT_OWNER'));
  }
});

test('of one path are one lock, also for two labs; the directory is there while one holds it, and nothing else', () => {
  const directory = fileIn('shared-lock');
  using other = new SharedLab(1);
  const ours = make(directory);
  const foreign = DirectoryLock.create(other.memory(0), directory);
  locks.push(foreign);
  ours.acquire();
  expect([foreign.tryAcquire(), foreign.acquire(20), foreign.owner]).toEqual([false, false, `process ${process.pid}`]);
  expect(readdirSync(path.dirname(directory))).toEqual(['shared-lock', 'tmp']);
  ours.close();
  expect([foreign.acquire(1000), existsSync(directory)]).toEqual([true, true]);
  foreign.release();
  expect(readdirSync(path.dirname(directory))).toEqual(['tmp']);
});

test.each([
  ['nothing in it', () => {}],
  ['a file in it', (directory: string) => writeFileSync(path.join(directory, 'note'), '')],
  ['two owners in it', (directory: string) => [1, 2].forEach((n) => mkdirSync(path.join(directory, `${n}-1-1-1-a`)))],
])('waits for who made the directory by hand, with %s', async (_what, fillIn) => {
  const lock = make(fileIn('by-hand'));
  mkdirSync(lock.path);
  fillIn(lock.path);
  expect([lock.tryAcquire(), lock.acquire(20), lock.owner, lock.locked]).toEqual([
    false,
    false,
    'somebody unknown',
    true,
  ]);
  expect(() => lock.release()).toThrow('till can be released only by its owner, and somebody unknown holds it');
  const later = lock.acquireAsync();
  rmSync(lock.path, { recursive: true });
  expect(await later).toBe(true);
  expect(() => mkdirSync(lock.path)).toThrow('EEXIST');
  expect(() => rmdirSync(lock.path)).toThrow('ENOTEMPTY');
});

test('is taken over from an owner that has died, also one whose pid another has by now', () => {
  const lock = make(fileIn('left'));
  const reused = `${process.pid}-${process.pid}-1-${currentPlatform().processNamespace()}-reused`;
  for (const owner of [deadOwner(), reused]) {
    mkdirSync(path.join(lock.path, owner), { recursive: true });
    mkdirSync(path.join(`${lock.path}.${owner}`, owner), { recursive: true });
    expect([lock.locked, lock.tryAcquire(), lock.owner]).toEqual([true, true, 'supervisor']);
    expect(readdirSync(path.dirname(lock.path))).toEqual(['left', 'tmp']);
    lock.release();
  }
});

test('is not taken from an owner in another container, of whom nobody knows whether it is alive', () => {
  const lock = make(fileIn('elsewhere'));
  mkdirSync(path.join(lock.path, deadOwner('4242')), { recursive: true });
  expect([lock.tryAcquire(), lock.acquire(20)]).toEqual([false, false]);
});

test('says so when the directory was removed, or is another’s by now', () => {
  const lock = make(fileIn('removed'));
  lock.acquire();
  rmSync(lock.path, { recursive: true });
  expect(() => lock.release()).toThrow(code('ERR_IPC_NOT_OWNER'));
  lock.acquire();
  renameSync(lock.path, fileIn('aside'));
  mkdirSync(lock.path);
  expect(() => lock.release()).toThrow('till was taken away: somebody has removed or replaced');
  expect(existsSync(lock.path)).toBe(true);
});

test('leaves nothing of the dead when the lab is tidied, and what others have as it was', () => {
  const left = make(fileIn('left'));
  const foreign = make(fileIn('foreign'));
  const dead = deadOwner();
  mkdirSync(path.join(left.path, dead), { recursive: true });
  mkdirSync(path.join(`${left.path}.${dead}`, dead), { recursive: true });
  mkdirSync(`${left.path}.${dead}2`);
  mkdirSync(`${left.path}.backup`);
  mkdirSync(foreign.path);
  tidyDirectoryLocks(lab.memory(0));
  expect(readdirSync(path.dirname(left.path))).toEqual(['foreign', 'left.backup', 'tmp']);
});

test('gives its memory back, all but the places in a list that the next ones use', () => {
  const usedAfter = (rounds: number): number => {
    for (let i = 0; i < rounds; i++) {
      const both = [make(fileIn('first')), make()];
      for (const lock of both) lock.close();
    }
    return lab.memory(0).arena.usedBytes();
  };
  expect(usedAfter(10)).toBe(usedAfter(1));
});

test.each([
  ['', 'ERR_IPC_INVALID_ARGUMENT'],
  ['a\0b', 'ERR_IPC_INVALID_ARGUMENT'],
  ['/no/such/folder/lock', 'ERR_IPC_FILE_NOT_FOUND'],
  ['/proc/self/stat', 'ERR_IPC_FILE'],
  ['/proc/self/stat/lock', 'ERR_IPC_FILE'],
])('cannot be at %j', (directory, expected) => {
  expect(() => DirectoryLock.create(lab.memory(0), directory)).toThrow(code(expected));
});

test('says what is wrong when its folder has gone, or a file has taken its place', () => {
  mkdirSync(fileIn('folder'));
  const lock = make(path.join(fileIn('folder'), 'lock'));
  writeFileSync(lock.path, '');
  expect(() => lock.acquire()).toThrow(code('ERR_IPC_FILE'));
  rmSync(fileIn('folder'), { recursive: true });
  expect(() => lock.acquire()).toThrow(code('ERR_IPC_FILE_NOT_FOUND'));
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

test('ends every wait when the lab ends', async () => {
  const lock = make(fileIn('ending'));
  mkdirSync(lock.path);
  const waiting = lock.acquireAsync();
  lab.memory(0).end();
  lab.memory(0).bells.ringAll();
  await expect(waiting).rejects.toThrow(code('ERR_IPC_LAB_ENDING'));
  expect(() => lock.acquire()).toThrow(code('ERR_IPC_LAB_ENDING'));
});
