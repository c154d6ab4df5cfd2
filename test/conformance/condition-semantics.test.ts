/** What conditions do that needs no second operating-system process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT } from '#src/memory/objects.js';
import { Condition } from '#src/primitives/condition.js';
import { Lock } from '#src/primitives/lock.js';
import { bodyCell } from '#src/primitives/primitive.js';
import { RLock } from '#src/primitives/rlock.js';
import { UNOWNED_CELLS } from '#src/primitives/unowned.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(5);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

/** Lets whatever can go on in this event loop go on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

const KINDS = [
  ['a Lock', (memory: LabMemory) => Lock.create(memory)],
  ['an RLock', (memory: LabMemory) => RLock.create(memory)],
  ['a lock of its own', () => undefined],
] as const;

describe.each(KINDS)('a condition over %s', (_kind, makeLock) => {
  function handles(name?: string): readonly [Condition, ...Condition[]] {
    const ours = Condition.create(lab.memory(0), { name, lock: makeLock(lab.memory(0)) });
    return [ours, ...lab.memories.slice(1).map((_, i) => lab.send(ours, 0, i + 1))];
  }

  /** Begins an asynchronous wait in each of the others; what they got is written down in that order. */
  function begin(others: readonly Condition[], woken: string[]): Promise<void>[] {
    return others.map(async (each, i) => {
      each.acquire();
      const told = each.waitAsync();
      await told.then((result) => woken.push(`${i} ${result}`));
      expect(each.lock.isMine).toBe(true);
      each.release();
    });
  }

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
      expect(() => theirs.hold(1)).toThrow(code('ERR_IPC_TIMEOUT'));
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
    const waits = begin(others, woken);
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

  test('a waiter that died is passed over', async () => {
    const [ours, ...others] = handles();
    const woken: string[] = [];
    const waits = begin(others, woken);
    for (const wait of waits) void wait.catch(() => {});
    lab.die(1);
    ours.with(() => ours.notify());
    await waits[1];
    await settled();
    expect(woken.filter((each) => !each.startsWith('0'))).toEqual(['1 true']);
    ours.with(() => ours.notifyAll());
    await Promise.all(waits.slice(2));
  });

  test('what was told to one that died goes to the next who waited then, not to one who came later', async () => {
    const [ours, first, second, third] = handles();
    if (first === undefined || second === undefined || third === undefined) throw new Error('no other');
    const woken: string[] = [];
    // The first enters the list and never looks at it again.
    first.with(() => void first.enrol());
    const waiting = begin([second], woken);
    ours.with(() => ours.notify());
    const late = begin([third], woken);
    await settled();
    expect(woken).toEqual([]);
    lab.die(1);
    await waiting[0];
    await settled();
    expect([woken, ours.waiters]).toEqual([['0 true'], 1]);
    ours.with(() => ours.notify());
    await late[0];
  });

  test('tells who waits that nobody is left, with the lock held', async () => {
    const [ours, ...others] = handles('door');
    const nobody = expect.objectContaining({
      code: 'ERR_IPC_NOBODY_LEFT',
      message: 'nobody is left who could notify door',
    }) as Error;
    ours.acquire();
    const waiting = ours.waitAsync();
    for (const [i] of others.entries()) lab.die(i + 1);
    await expect(waiting).rejects.toThrow(nobody);
    expect(ours.lock.isMine).toBe(true);
    expect(() => ours.wait()).toThrow(nobody);
    expect(ours.lock.isMine).toBe(true);
    expect(ours.wait(5)).toBe(false);
  });

  test('an aborted wait has the lock again', async () => {
    const [ours, theirs] = handles();
    const abort = new AbortController();
    ours.acquire();
    const waiting = ours.waitAsync({ signal: abort.signal });
    expect(theirs?.lock.locked).toBe(false);
    abort.abort();
    await expect(waiting).rejects.toThrow(code('ERR_IPC_ABORTED'));
    expect([ours.lock.isMine, ours.waiters]).toEqual([true, 0]);
  });

  test('a wait ends with a code when it is closed meanwhile, and all memory comes back', async () => {
    const used = lab.memory(0).arena.usedBytes();
    const lock = makeLock(lab.memory(0));
    const ours = Condition.create(lab.memory(0), { lock });
    const theirs = lab.send(ours, 0, 1);
    const ended = Promise.allSettled(Array.from({ length: 40 }, () => ours.with(() => ours.waitAsync())));
    expect(theirs.waiters).toBe(40);
    ours.close();
    for (const each of await ended)
      expect(each).toMatchObject({ status: 'rejected', reason: { code: 'ERR_IPC_CLOSED' } });
    expect(theirs.waiters).toBe(0);
    for (const use of [() => ours.wait(), () => ours.notify(), () => ours.waiters])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
    theirs.close();
    if (lock !== undefined) {
      expect([lock.closed, theirs.lock.closed]).toEqual([false, false]);
      theirs.lock.close();
      lock.close();
    }
    expect(lab.memory(0).arena.usedBytes()).toBe(used);
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

test.each([true, false])('a wait whose lock its owner took along says so (notified: %s)', async (notified) => {
  const ours = Condition.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  // Somebody else is alive who could notify, if there were the lock.
  lab.send(ours, 0, 2);
  const inside = ours.with(() => ours.waitAsync());
  theirs.acquire();
  if (notified) theirs.notify();
  lab.die(1);
  await expect(inside).rejects.toThrow(code('ERR_IPC_OWNER_DIED'));
  expect([ours.lock.isMine, ours.takeOver(), ours.lock.isMine]).toEqual([false, true, true]);
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
  expect(() => condition.with(() => condition.notify(count as number))).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

test.each([
  ['no lock', () => ({}) as Lock],
  ['a closed lock', () => Object.assign(Lock.create(lab.memory(0)), {}).close() as never],
])('is not made over %s', (_what, make) => {
  expect(() => Condition.create(lab.memory(0), { lock: make() ?? ('x' as never) })).toThrow(
    code('ERR_IPC_INVALID_ARGUMENT'),
  );
});
