/** What barriers do that needs no second operating-system process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Barrier } from '#src/primitives/barrier.js';
import type { BarrierOptions } from '#src/primitives/barrier-options.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { UNOWNED_CELLS } from '#src/primitives/unowned.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(4);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

function broken(reason: string): Error {
  return expect.objectContaining({ code: 'ERR_IPC_BROKEN_BARRIER', message: `gate is broken: ${reason}` }) as Error;
}

/** One barrier, as the processes hold it. */
function handles(parties: number, options: BarrierOptions = {}): readonly [Barrier, Barrier, Barrier, Barrier] {
  const ours = Barrier.create(lab.memory(0), parties, { name: 'gate', ...options });
  return [ours, lab.send(ours, 0, 1), lab.send(ours, 0, 2), lab.send(ours, 0, 3)];
}

test('lets all go when the last has come, round after round, and gives each another index', async () => {
  const [a, b, c] = handles(3);
  for (let round = 0; round < 10; round++) {
    const first = b.waitAsync();
    expect([a.waiters, a.broken, a.parties]).toEqual([1, false, 3]);
    const second = c.waitAsync();
    expect(a.waiters).toBe(2);
    expect([a.wait(), await first, await second]).toEqual([2, 0, 1]);
    expect([a.waiters, a.broken]).toEqual([0, false]);
  }
});

test('a barrier for one never waits', () => {
  const [a] = handles(1);
  expect([a.wait(), a.wait(0), a.broken]).toEqual([0, 0, false]);
});

test('one process may come several times', async () => {
  const [a] = handles(40);
  const waits = Array.from({ length: 40 }, () => a.waitAsync());
  expect((await Promise.all(waits)).toSorted((x, y) => x - y)).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test.each([0, -1, 1.5, '2'])('is not made for %s parties', (parties) => {
  expect(() => handles(parties as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

test('the action of the last to come runs once, before anybody goes on', async () => {
  const [a, b] = handles(2);
  const acts: string[] = [];
  for (let round = 0; round < 3; round++) {
    const first = b.waitAsync({ action: () => acts.push('not the last') }).then(() => acts.push('on'));
    await Promise.resolve();
    a.wait({ action: () => acts.push(`act ${b.waiters}`) });
    await first;
  }
  expect(acts).toEqual(['act 1', 'on', 'act 1', 'on', 'act 1', 'on']);
});

test('an action that throws, or is asynchronous, breaks it for all', async () => {
  const [a, b] = handles(2);
  const first = b.waitAsync();
  const act = (): never => {
    throw new Error('from inside');
  };
  expect(() => a.wait({ action: act })).toThrow('from inside');
  await expect(first).rejects.toThrow(broken('the action of the last to come threw'));
  expect(a.broken).toBe(true);
  a.reset();
  const again = b.waitAsync();
  const later: () => unknown = () => Promise.resolve();
  expect(() => a.wait({ action: later })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  await expect(again).rejects.toThrow(code('ERR_IPC_BROKEN_BARRIER'));
});

test('an action that aborts or resets it has broken the round', async () => {
  const [a, b] = handles(2);
  for (const [act, reason] of [
    [() => a.abort(), 'it was aborted'],
    [() => a.reset(), 'it was reset'],
  ] as const) {
    a.reset();
    const first = b.waitAsync();
    expect(() => a.wait({ action: act })).toThrow(broken(reason));
    await expect(first).rejects.toThrow(broken(reason));
  }
  expect(a.broken).toBe(false);
});

test('a timeout breaks it for all', async () => {
  const [a, b, c] = handles(3);
  const first = b.waitAsync();
  const started = performance.now();
  expect(() => a.wait(100)).toThrow(broken('a wait timed out'));
  expect(performance.now() - started).toBeGreaterThanOrEqual(100);
  await expect(first).rejects.toThrow(broken('a wait timed out'));
  expect(() => c.wait()).toThrow(broken('a wait timed out'));
  expect([a.broken, a.waiters]).toEqual([true, 0]);
});

test('waits as long as it was made for, unless a wait says otherwise', async () => {
  const [a] = handles(2, { timeoutMs: 30 });
  expect(() => a.wait()).toThrow(broken('a wait timed out'));
  a.reset();
  await expect(a.waitAsync()).rejects.toThrow(broken('a wait timed out'));
  a.reset();
  const started = performance.now();
  expect(() => a.wait({ timeoutMs: 120 })).toThrow(code('ERR_IPC_BROKEN_BARRIER'));
  expect(performance.now() - started).toBeGreaterThanOrEqual(120);
  expect(() => handles(2, { timeoutMs: Number.NaN })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  expect(() => a.wait(Number.NaN)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

test('abort breaks it for those who wait and those who come, until it is reset', async () => {
  const [a, b, c] = handles(3);
  const first = b.waitAsync();
  a.abort();
  await expect(first).rejects.toThrow(broken('it was aborted'));
  expect(() => c.wait()).toThrow(broken('it was aborted'));
  a.reset();
  const waits = [a.waitAsync(), b.waitAsync()];
  expect(c.wait()).toBe(2);
  await expect(Promise.all(waits)).resolves.toEqual([0, 1]);
});

test('reset frees those who wait with an error, and the next round is whole', async () => {
  const [a, b] = handles(2);
  const first = b.waitAsync();
  a.reset();
  // The next round is over before the first has looked.
  const next = b.waitAsync();
  expect([a.wait(), a.broken]).toEqual([1, false]);
  await expect(first).rejects.toThrow(code('ERR_IPC_BROKEN_BARRIER'));
  await expect(next).resolves.toBe(0);
});

test('the death of one that had come breaks it', async () => {
  const [a, b, c] = handles(3);
  b.arrive();
  const second = c.waitAsync();
  lab.die(1);
  await expect(second).rejects.toThrow(broken('a process that had come to it has ended'));
  expect(() => a.wait()).toThrow(code('ERR_IPC_BROKEN_BARRIER'));
  a.reset();
  const again = [c.waitAsync(), a.waitAsync()];
  lab.send(a, 0, 3).wait();
  await expect(Promise.all(again)).resolves.toEqual([0, 1]);
});

test('breaks when nobody is left who could come', () => {
  const [a] = handles(3);
  for (const process of [1, 2, 3]) lab.die(process);
  expect(() => a.wait()).toThrow(broken('nobody is left who could come to it'));
  expect(a.broken).toBe(true);
});

test('an aborted wait breaks it for the others', async () => {
  const [a, b] = handles(3);
  const abort = new AbortController();
  const [ours, theirs] = [a.waitAsync({ signal: abort.signal }), b.waitAsync()];
  abort.abort();
  await expect(ours).rejects.toThrow(code('ERR_IPC_ABORTED'));
  await expect(theirs).rejects.toThrow(broken('a wait was given up'));
});

describe('closing', () => {
  test('ends waits with a code, and all memory comes back', async () => {
    const used = lab.memory(0).arena.usedBytes();
    const [a, ...others] = handles(50);
    const waits = Promise.allSettled(Array.from({ length: 30 }, () => a.waitAsync()));
    a.close();
    for (const each of await waits)
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'ERR_IPC_CLOSED' } });
    for (const use of [() => a.wait(), () => a.abort(), () => a.reset(), () => a.broken, () => a.waiters])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
    for (const each of others) each.close();
    expect(lab.memory(0).arena.usedBytes()).toBe(used);
  });
});

test.each([2 ** 31 - 2, -2])('goes on where its counts wrap, from %i', async (start) => {
  const [a, b] = handles(2);
  const body = bodyCell(a[SHARED_OBJECT]);
  for (const cell of [a.roundCell, body + UNOWNED_CELLS + 1]) lab.memory(0).cells.store(cell, start);
  for (let round = 0; round < 5; round++) {
    const first = b.waitAsync();
    expect([a.wait(), await first]).toEqual([1, 0]);
  }
});
