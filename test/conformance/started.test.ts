/** What holds for every process and every thread that a lab starts. Each fixture says itself what must come out. */
import { describe, expect, test } from 'vitest';
import { refuseLeaks } from '../leak-check.ts';
import { resultOf, runFixture } from '../run-fixture.ts';

refuseLeaks();

describe.each(['process', 'thread'])('a %s', (way) => {
  test('is made, started, joined and closed, and refuses what comes at the wrong time', async () => {
    await resultOf(import.meta.url, 'started-life', { way });
  });

  test('has an exit code for every way to end, and the run says which failed', async () => {
    const { ok, failures, processes } = await runFixture(import.meta.url, 'started-endings', { way });
    expect(ok).toBe(true);
    expect(failures.map(({ process, message }) => `${process} ${message}`)).toEqual([
      'end-9 throws',
      'end-10 rejects',
      'end-11 throws',
      'end-12 throws',
      'end-13 nothing is left that could settle the promise it returned',
    ]);
    expect(processes.slice(1).map(({ thread }) => thread === true)).toEqual(
      processes.slice(1).map(() => way === 'thread'),
    );
    expect(new Set(processes.map(({ pid }) => pid)).size).toBe(way === 'thread' ? 1 : processes.length);
  });
});

describe.each([
  ['process', 'process'],
  ['process', 'thread'],
  ['thread', 'process'],
  ['thread', 'thread'],
])('a %s that is handed the lab', (way, inner) => {
  test(`starts each ${inner} of its own, and ends after them`, async () => {
    const { failures, result, processes } = await runFixture(import.meta.url, 'nested', { way, inner });
    expect(failures).toEqual([]);
    const [main = 0, child = 0] = processes.map(({ pid }) => pid);
    const self = { name: 'haveChildren-1', pid: child, daemon: false };
    const mainItself = { name: 'main', pid: main, daemon: false };
    expect(result).toEqual({
      family:
        way === 'process'
          ? { parent: 'main', alive: true, currentProcess: self, currentThread: null }
          : { parent: null, alive: null, currentProcess: mainItself, currentThread: self },
      added: 42,
      name: 'haveChildren-1:setLate-1',
      own: ['haveChildren-1'],
      daemon: 'held is held by haveChildren-1:holdForEver-1, which has ended without releasing it',
      late: 1,
      main: { parentProcess: null, currentProcess: mainItself, currentThread: null },
    });
    expect(processes.slice(2).map((each) => [each.name.split(':')[1], each.thread === true, each.signal])).toEqual([
      ['holdForEver-1', inner === 'thread', 'SIGTERM'],
      ['add-1', inner === 'thread', null],
      ['add-2', inner === 'thread', null],
      ['setLate-1', inner === 'thread', null],
    ]);
  });
});

test('a process that is killed takes its threads and daemons with it, and its other children notice', async () => {
  await resultOf(import.meta.url, 'nested-killed');
});

test.each([
  ['process', 30],
  ['thread', 20],
])('one %s after the other starts and ends, and many are terminated while they wait', async (way, count) => {
  await resultOf(import.meta.url, 'started-many', { way, count });
});

test('threads that have ended leave nothing in their process', async () => {
  await resultOf(import.meta.url, 'threads-leave-nothing');
});

test('a thread whose module never comes to its end is stopped all the same, also while its process is blocked', async () => {
  await resultOf(import.meta.url, 'thread-loads-for-ever');
});

test('threads that are just starting end with their process or thread, which ends as it wanted to', async () => {
  // Whether a thread counts as failed that went with its process depends on how far it had come.
  const { result } = await runFixture(import.meta.url, 'threads-torn');
  expect(result).toEqual({ codes: [7], descriptors: 0 });
});

test('a process that has closed its standard output goes on in silence', async () => {
  await resultOf(import.meta.url, 'started-without-output');
});

test.each(['process', 'thread'])('a thread-local has a value of its own in each %s', async (way) => {
  await resultOf(import.meta.url, 'thread-local', { way });
});
