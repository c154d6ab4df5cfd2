/** What queues with an order of their own do, as one process sees it and between processes and threads. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lock } from '#src/primitives/lock.js';
import { LifoQueue } from '#src/primitives/lifo-queue.js';
import { PriorityQueue } from '#src/primitives/priority-queue.js';
import { resultOf } from '../run-fixture.ts';
import { SharedLab } from '../shared-lab.ts';
import { killAt, wasKilled } from '../twins/kill-at.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(name: string): Error {
  return expect.objectContaining({ name: 'IpcError', code: name }) as Error;
}

test('a LIFO queue gives the last message first, of every kind', () => {
  const ours = LifoQueue.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  const values = [1, 0.5, 'a', 'x'.repeat(5000), '锁🔒', null, undefined, true, Uint8Array.of(1, 2), { a: [1] }];
  for (const value of values) ours.put(value);
  expect([ours.size, theirs.size, ours.capacity]).toEqual([values.length, values.length, Infinity]);
  expect(values.map(() => theirs.get())).toEqual(values.toReversed());
  expect([theirs.tryGet(), ours.size]).toEqual([undefined, 0]);
});

test('a priority queue gives the smallest first, and of equals the oldest', () => {
  const ours = PriorityQueue.create<string>(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  const put: [number, string][] = [
    [3, 'c'],
    [1, 'a'],
    [-Infinity, 'first'],
    [1, 'b'],
    [0.5, 'half'],
    [3, 'd'],
  ];
  for (const each of put) ours.put(each);
  expect(put.map(() => theirs.get()[1])).toEqual(['first', 'half', 'a', 'b', 'c', 'd']);
  for (const wrong of [7, ['1', 'a'], [Number.NaN, 'a'], [1], [1, 2, 3], 'ab'])
    expect(() => ours.put(wrong as never)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

describe.each(['lifo', 'priority'])('a %s queue', (kind) => {
  const pair = (capacity?: number): [LifoQueue, LifoQueue] => {
    const options = { name: 'till', capacity };
    const ours =
      kind === 'lifo' ? LifoQueue.create(lab.memory(0), options) : PriorityQueue.create(lab.memory(0), options);
    return [ours as LifoQueue, lab.send(ours, 0, 1) as LifoQueue];
  };
  const of = (value: unknown): unknown => (kind === 'lifo' ? value : [1, value]);

  test('refuses what is too much or not there, at once or after the time', async () => {
    const [ours, theirs] = pair(1);
    ours.put(of(1));
    expect(ours.capacity).toBe(1);
    expect(theirs.tryPut(of(2))).toBe(false);
    expect(() => theirs.put(of(2), 10)).toThrow(code('ERR_IPC_FULL'));
    await expect(theirs.putAsync(of(2), { timeoutMs: 10 })).rejects.toThrow(code('ERR_IPC_FULL'));
    expect(ours.get()).toEqual(of(1));
    expect(() => theirs.get(10)).toThrow(code('ERR_IPC_EMPTY'));
    await expect(theirs.getAsync({ timeoutMs: 10 })).rejects.toThrow(code('ERR_IPC_EMPTY'));
    const aborted = theirs.getAsync({ signal: AbortSignal.abort() });
    await expect(aborted).rejects.toThrow(code('ERR_IPC_ABORTED'));
    expect(() => pair(0)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });

  test('serves who waits asynchronously, for a message and for room', async () => {
    const [ours, theirs] = pair(1);
    const got = theirs.getAsync();
    ours.put(of('a'));
    expect(await got).toEqual(of('a'));
    ours.put(of('b'));
    const put = ours.putAsync(of('c'));
    expect(theirs.get()).toEqual(of('b'));
    await put;
    expect(theirs.get()).toEqual(of('c'));
  });

  test('is joined when all is done with, and counts no more than there was', async () => {
    const [ours, theirs] = pair();
    expect([ours.join(0), ours.unfinished]).toEqual([true, 0]);
    ours.put(of(1));
    ours.put(of(2));
    const joining = theirs.joinAsync();
    theirs.get();
    theirs.taskDone();
    expect([ours.join(1), ours.unfinished]).toEqual([false, 1]);
    ours.taskDone();
    expect([await joining, ours.join()]).toEqual([true, true]);
    expect(() => ours.taskDone()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
  });

  test('that is shut down takes nothing more, and gives what it has, unless at once', async () => {
    const [ours, theirs] = pair();
    ours.put(of(1));
    theirs.shutdown();
    expect(() => ours.put(of(2))).toThrow(code('ERR_IPC_SHUT_DOWN'));
    expect(ours.get()).toEqual(of(1));
    expect(() => ours.get()).toThrow(code('ERR_IPC_SHUT_DOWN'));
    expect(() => ours.tryGet()).toThrow(code('ERR_IPC_SHUT_DOWN'));
    const [other, others] = pair();
    other.put(of(1));
    others.shutdown(true);
    expect([other.size, other.unfinished]).toEqual([0, 0]);
    const [third, thirds] = pair();
    const waiting = third.getAsync();
    thirds.shutdown();
    await expect(waiting).rejects.toThrow(code('ERR_IPC_SHUT_DOWN'));
  });

  test('ends a wait when nobody is left, and refuses use after close', () => {
    const [ours] = pair();
    lab.die(1);
    expect(() => ours.get()).toThrow('nobody is left who could put anything into till');
    ours.close();
    for (const use of [() => ours.get(), () => ours.put(of(1)), () => ours.size, () => ours.taskDone()])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
  });

  test('gives all memory back, and what its messages refer to', () => {
    const used = lab.memory(0).arena.usedBytes();
    const [ours, theirs] = pair();
    const lock = Lock.create(lab.memory(0));
    for (let i = 0; i < 40; i++) ours.put(of({ lock, text: 'x'.repeat(100) }));
    theirs.close();
    lock.close();
    ours.close();
    expect(lab.memory(0).arena.usedBytes()).toBe(used);
  });

  test.each(['put', 'get'])('is whole at whichever store of a %s a process is killed', (act) => {
    for (let at = 1, alive = false; !alive; at++) {
      using other = new SharedLab(3, 1024 * 1024);
      const make = kind === 'lifo' ? LifoQueue : PriorityQueue;
      const queue = make.create(other.memory(1)) as LifoQueue;
      const victim = other.send(queue, 1, 0);
      const heir = other.send(queue, 1, 2);
      queue.put(of('x'.repeat(100)));
      const revive = killAt(other.memory(0).cells, at);
      try {
        if (act === 'put') victim.put(of({ a: 'y'.repeat(100) }));
        else victim.get();
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      other.die(0);
      heir.put(of('last'));
      const count = queue.size;
      expect(queue.unfinished).toBe(act === 'get' ? 2 : count);
      const left = Array.from({ length: count }, () => JSON.stringify(heir.get()).length);
      expect(left.includes(JSON.stringify(of('last')).length)).toBe(true);
      expect([queue.tryGet(), count >= (act === 'put' ? 2 : 1)], `store ${at}`).toEqual([undefined, true]);
      if (alive) expect(count).toBe(act === 'put' ? 3 : 1);
    }
  });
});

test.each(['process', 'thread'])('they carry messages to another %s and back, and wake who waits', async (way) => {
  await resultOf(import.meta.url, 'ordered-queues', { way });
});
