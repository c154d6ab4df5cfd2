/** Waiting for a lock without blocking, within this process: who holds it is another process's view in the same one. */
import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { Lock } from '#src/primitives/lock.js';
import { RLock } from '#src/primitives/rlock.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

const KINDS = [
  ['Lock', Lock],
  ['RLock', RLock],
] as const;

describe.each(KINDS)('%s.acquireAsync', (_kind, Kind) => {
  function heldByThem(): [Lock | RLock, Lock | RLock] {
    const ours: Lock | RLock = Kind.create(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    theirs.acquire();
    return [ours, theirs];
  }

  test('resolves at once when it is free', async () => {
    await expect(Kind.create(lab.memory(0)).acquireAsync()).resolves.toBe(true);
  });

  test('resolves when the holder releases, long before a time-out would', async () => {
    const [ours, theirs] = heldByThem();
    let settled = false;
    const waiting = ours.acquireAsync({ timeoutMs: 30_000 }).then((acquired) => {
      settled = true;
      return acquired;
    });
    await new Promise(setImmediate);
    expect(settled).toBe(false);
    theirs.release();
    await expect(waiting).resolves.toBe(true);
    expect(theirs.owner).toBe('supervisor');
  });

  test('gives up when the time is over, and not before; others wait on', async () => {
    const [ours, theirs] = heldByThem();
    const longer = ours.acquireAsync();
    const started = performance.now();
    await expect(ours.acquireAsync({ timeoutMs: 130 })).resolves.toBe(false);
    expect(performance.now() - started).toBeGreaterThanOrEqual(130);
    await expect(ours.acquireAsync({ timeoutMs: 0 })).resolves.toBe(false);
    theirs.release();
    await expect(longer).resolves.toBe(true);
  });

  test('is ended by an AbortSignal, with its reason; others wait on', async () => {
    const [ours, theirs] = heldByThem();
    const controller = new AbortController();
    const aborted = ours.acquireAsync({ signal: controller.signal });
    const other = ours.acquireAsync();
    controller.abort('enough');
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_IPC_ABORTED', cause: 'enough' });
    theirs.release();
    await expect(other).resolves.toBe(true);
  });

  test('with a signal that has fired rejects without waiting; one that fires too late changes nothing', async () => {
    const [ours, theirs] = heldByThem();
    await expect(ours.acquireAsync({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ERR_IPC_ABORTED' });
    const controller = new AbortController();
    const waiting = ours.acquireAsync({ signal: controller.signal });
    theirs.release();
    await waiting;
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
    expect(theirs.owner).toBe('supervisor');
  });

  test('that was aborted leaves no listener on the signal and no wait behind', async () => {
    const [ours] = heldByThem();
    const { cells, slots, self } = lab.memory(0);
    const controller = new AbortController();
    const all = Array.from({ length: 8 }, () => ours.acquireAsync({ signal: controller.signal }));
    controller.abort();
    for (const outcome of await Promise.allSettled(all)) expect(outcome.status).toBe('rejected');
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    while (slots.waiting(self) !== undefined) await new Promise(setImmediate);
    expect(cells.load(HEADER.asyncWaiters)).toBe(0);
  });

  test('sleeps while it waits, one sleep for all waits, and never longer than the nearest time-out', async () => {
    const [ours, theirs] = heldByThem();
    const sleeps = vi.spyOn(lab.memory(0).platform, 'waitAsync');
    const longer = ours.acquireAsync();
    lab.memory(1).bells.ring(lab.memory(0).self);
    await expect(ours.acquireAsync({ timeoutMs: 450 })).resolves.toBe(false);
    expect(sleeps.mock.calls.length).toBeLessThan(20);
    sleeps.mockClear();
    // Less than a whole slice, and more than a slow machine needs to begin to sleep.
    await expect(ours.acquireAsync({ timeoutMs: 80 })).resolves.toBe(false);
    expect(Math.min(...sleeps.mock.calls.map(([, , , timeoutMs]) => timeoutMs))).toBeLessThanOrEqual(80);
    theirs.release();
    await longer;
  });

  test('waits for several locks at once, and each is served when it is free', async () => {
    const pairs = Array.from({ length: 8 }, heldByThem);
    const served: number[] = [];
    const waiting = pairs.map(async ([ours], index) => {
      await ours.acquireAsync();
      served.push(index);
    });
    for (const index of [5, 0, 7, 2, 1, 6, 3, 4]) {
      pairs[index]?.[1].release();
      await waiting[index];
    }
    expect(served).toEqual([5, 0, 7, 2, 1, 6, 3, 4]);
  });
});

test('several waits of one process for one Lock are served one after the other', async () => {
  const ours = Lock.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  theirs.acquire();
  let inside = 0;
  let entries = 0;
  const all = Array.from({ length: 10 }, async () => {
    await ours.acquireAsync();
    inside++;
    entries++;
    expect(inside).toBe(1);
    await new Promise(setImmediate);
    inside--;
    ours.release();
  });
  theirs.release();
  await Promise.all(all);
  expect([entries, ours.locked]).toEqual([10, false]);
});

test('several waits of one process for one RLock are served together: the process is its holder', async () => {
  const ours = RLock.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  theirs.acquire();
  const all = [ours.acquireAsync(), ours.acquireAsync(), ours.acquireAsync()];
  theirs.release();
  await expect(Promise.all(all)).resolves.toEqual([true, true, true]);
  expect(theirs.depth).toBe(3);
  for (let i = 0; i < 3; i++) ours.release();
  expect(theirs.locked).toBe(false);
});

describe.each([...KINDS, ['SpinLock', SpinLock]] as const)(
  '%s.acquireAsync of a lock that is closed meanwhile',
  (_kind, Kind) => {
    test('is refused, and takes nothing that has come to lie where the lock was', async () => {
      const memory = lab.memory(0);
      const lock = Kind.create(memory);
      const theirs = lab.send(lock, 0, 1);
      theirs.acquire();
      const waiting = lock.acquireAsync({ timeoutMs: 10_000 });
      await new Promise(setImmediate);
      lock.close();
      theirs.close();
      const later = Array.from({ length: 20 }, () => Lock.create(memory));
      await expect(waiting).rejects.toMatchObject({ code: 'ERR_IPC_CLOSED' });
      expect(later.filter(({ locked }) => locked)).toEqual([]);
    });
  },
);
