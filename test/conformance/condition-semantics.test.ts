/** What conditions do that needs no second operating-system process: waiting and notifying. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Condition } from '#src/primitives/condition.js';
import { Lock } from '#src/primitives/lock.js';
import { bodyCell } from '#src/primitives/primitive.js';
import type { RLock } from '#src/primitives/rlock.js';
import { UNOWNED_CELLS } from '#src/primitives/unowned.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { beginWaits, conditionsOf, OVER, settled } from './conditions.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(5);
});
afterEach(() => lab[Symbol.dispose]());

describe.each(OVER)('a condition over %s', (_kind, makeLock) => {
  const handles = (name?: string): ReturnType<typeof conditionsOf> => conditionsOf(lab, makeLock, name);

  test('acquires and releases its lock in all the ways that a lock has', async () => {
    const [ours, theirs] = handles();
    if (theirs === undefined) throw new Error('no other');
    expect([ours.acquire(), theirs.tryAcquire(), theirs.acquire(1), theirs.lock.locked]).toEqual([
      true,
      false,
      false,
      true,
    ]);
    ours.release();
    expect([await theirs.acquireAsync(), ours.lock.locked]).toEqual([true, true]);
    theirs.release();
    expect(ours.with(() => theirs.lock.locked)).toBe(true);
    {
      using _held = ours.hold();
      expect(theirs.lock.locked).toBe(true);
      expect(() => theirs.hold(1)).toThrow(coded('ERR_IPC_TIMEOUT'));
    }
    expect(() =>
      ours.with(() => {
        throw new Error('from inside');
      }),
    ).toThrow('from inside');
    const later = ours.with(() => Promise.resolve(theirs.lock.locked));
    expect([theirs.lock.locked, await later, theirs.lock.locked]).toEqual([true, true, false]);
  });

  test('refuses everything but its lock without the lock', async () => {
    const [ours, theirs] = handles('door');
    const refused = (what: string, holder: string): Error =>
      expect.objectContaining({
        code: 'ERR_IPC_NOT_OWNER',
        message: `door can be ${what} only with its lock held, and ${holder} holds it`,
      }) as Error;
    expect(() => ours.wait()).toThrow(refused('waited for', 'nobody'));
    theirs?.acquire();
    expect(() => ours.waitFor(() => true)).toThrow(refused('waited for', 'process-2'));
    expect(() => ours.notify()).toThrow(refused('notified', 'process-2'));
    expect(() => ours.notifyAll()).toThrow(refused('notified', 'process-2'));
    await expect(ours.waitAsync()).rejects.toThrow(refused('waited for', 'process-2'));
    await expect(ours.waitForAsync(() => true)).rejects.toThrow(refused('waited for', 'process-2'));
  });

  test('a wait that nobody notifies ends with its timeout, not before, with the lock held', async () => {
    const [ours] = handles();
    for (const wait of [() => ours.wait(120), () => ours.waitAsync({ timeoutMs: 120 })]) {
      ours.acquire();
      const started = performance.now();
      expect(await wait()).toBe(false);
      expect(performance.now() - started).toBeGreaterThanOrEqual(120);
      expect([ours.lock.isMine, ours.waiters]).toEqual([true, 0]);
      ours.release();
    }
  });

  test.each([
    [1, ['0 true']],
    [2, ['0 true', '1 true']],
    [3, ['0 true', '1 true', '2 true']],
    [9, ['0 true', '1 true', '2 true', '3 true']],
    [undefined, ['0 true']],
    [0, []],
  ])('notify(%s) ends exactly as many waits, the longest first', async (count, expected) => {
    const [ours, ...others] = handles();
    const woken: string[] = [];
    const waits = beginWaits(others, woken);
    ours.with(() => (count === undefined ? ours.notify() : ours.notify(count)));
    await settled();
    await Promise.all(waits.slice(0, expected.length));
    await settled();
    expect([woken.toSorted(), ours.waiters]).toEqual([expected, 4 - expected.length]);
    ours.with(() => ours.notifyAll());
    await Promise.all(waits);
    expect([woken.length, ours.waiters]).toEqual([4, 0]);
  });

  test('a notify before the wait is for nobody', async () => {
    const [ours] = handles();
    ours.with(() => {
      ours.notify();
      ours.notifyAll();
      expect(ours.wait(5)).toBe(false);
    });
    await expect(ours.with(() => ours.waitAsync({ timeoutMs: 5 }))).resolves.toBe(false);
  });

  test('one process waits many times at once', async () => {
    const [ours, theirs] = handles();
    if (theirs === undefined) throw new Error('no other');
    const ended: boolean[] = [];
    const waits = Array.from({ length: 100 }, async () => {
      ended.push(await theirs.with(() => theirs.waitAsync()));
    });
    expect(ours.waiters).toBe(100);
    ours.with(() => ours.notify(60));
    while (ended.length < 60) await new Promise(setImmediate);
    await settled();
    expect([ended.length, ours.waiters]).toEqual([60, 40]);
    ours.with(() => ours.notifyAll());
    await Promise.all(waits);
    expect([ended.length, ours.waiters, ours.lock.locked]).toEqual([100, 0, false]);
  });

  test('waitFor returns what the predicate returns, with the lock held', async () => {
    const [ours, theirs] = handles();
    if (theirs === undefined) throw new Error('no other');
    let value = '';
    const waiting = theirs.with(() => theirs.waitForAsync(() => theirs.lock.isMine && value));
    for (const next of ['', 'truthy']) {
      await ours.acquireAsync();
      value = next;
      ours.notify();
      ours.release();
      await settled();
    }
    await expect(waiting).resolves.toBe('truthy');
    expect(ours.with(() => ours.waitFor(() => 7))).toBe(7);
    const started = performance.now();
    expect(ours.with(() => ours.waitFor(() => 0, 60))).toBe(0);
    expect(performance.now() - started).toBeGreaterThanOrEqual(60);
    await expect(ours.with(() => ours.waitForAsync(() => '', { timeoutMs: 60 }))).resolves.toBe('');
  });
});

test('a recursive lock is released whole while it waits, and as deep as before afterwards', async () => {
  const ours = Condition.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  for (let depth = 0; depth < 3; depth++) ours.acquire();
  const waiting = ours.waitAsync();
  expect(theirs.tryAcquire()).toBe(true);
  theirs.notify();
  theirs.release();
  await expect(waiting).resolves.toBe(true);
  expect((ours.lock as RLock).depth).toBe(3);
  expect([ours.wait(1), (ours.lock as RLock).depth]).toEqual([false, 3]);
});

test('two conditions over one lock know nothing of each other', async () => {
  const lock = Lock.create(lab.memory(0));
  const [full, empty] = [Condition.create(lab.memory(0), { lock }), Condition.create(lab.memory(0), { lock })];
  expect(full.lock).toBe(empty.lock);
  lock.acquire();
  const waiting = full.waitAsync({ timeoutMs: 10 });
  lock.acquire();
  empty.notifyAll();
  lock.release();
  await expect(waiting).resolves.toBe(false);
});

test.each([2 ** 31 - 2, -2])('the longest waits come first where their count wraps, from %i', async (start) => {
  const ours = Condition.create(lab.memory(0));
  lab.memory(0).cells.store(bodyCell(ours[SHARED_OBJECT]) + UNOWNED_CELLS + 1, start);
  const order: number[] = [];
  const waits = [1, 2, 3, 4].map(async (process) => {
    const each = lab.send(ours, 0, process);
    each.acquire();
    await each.waitAsync();
    order.push(process);
    each.release();
  });
  for (const wait of waits) {
    ours.with(() => ours.notify());
    await wait;
  }
  expect(order).toEqual([1, 2, 3, 4]);
});

test.each([-1, 1.5, '1'])('does not notify %s', (count) => {
  const condition = Condition.create(lab.memory(0));
  expect(() => condition.with(() => condition.notify(count as number))).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
});

test.each([
  ['no lock', () => ({}) as Lock],
  ['a closed lock', () => Object.assign(Lock.create(lab.memory(0)), {}).close() as never],
])('is not made over %s', (_what, make) => {
  expect(() => Condition.create(lab.memory(0), { lock: make() ?? ('x' as never) })).toThrow(
    coded('ERR_IPC_INVALID_ARGUMENT'),
  );
});
