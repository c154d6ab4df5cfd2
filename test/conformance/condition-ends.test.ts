/** How a wait at a condition ends when it is not notified: by a death, by an abort, by closing, or because nobody is left. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Condition } from '#src/primitives/condition.js';
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

  test('a waiter that died is passed over', async () => {
    const [ours, ...others] = handles();
    const woken: string[] = [];
    const waits = beginWaits(others, woken);
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
    const waiting = beginWaits([second], woken);
    ours.with(() => ours.notify());
    const late = beginWaits([third], woken);
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
    await expect(waiting).rejects.toThrow(coded('ERR_IPC_ABORTED'));
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
      expect(use).toThrow(coded('ERR_IPC_CLOSED'));
    theirs.close();
    if (lock !== undefined) {
      expect([lock.closed, theirs.lock.closed]).toEqual([false, false]);
      theirs.lock.close();
      lock.close();
    }
    expect(lab.memory(0).arena.usedBytes()).toBe(used);
  });
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
  await expect(inside).rejects.toThrow(coded('ERR_IPC_OWNER_DIED'));
  expect([ours.lock.isMine, ours.takeOver(), ours.lock.isMine]).toEqual([false, true, true]);
});
