/** Waiting for any of several things, as one process sees it; and queues that are shut down. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitForAny, waitForAnyAsync } from '#src/lab/wait.js';
import { HEADER } from '#src/memory/layout.js';
import { Connection } from '#src/primitives/connection.js';
import { Lock } from '#src/primitives/lock.js';
import { Queue } from '#src/primitives/queue.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

const SHUT = expect.objectContaining({ code: 'ERR_IPC_SHUT_DOWN' }) as Error;

function pipe(): [Connection, Connection] {
  const [ours, second] = Connection.createPipe(lab.memory(0));
  const theirs = lab.send(second, 0, 1);
  second.close();
  return [ours, theirs];
}

describe('waiting for several things', () => {
  test('returns those that are ready, in order, or none, at once or after the time', async () => {
    const memory = lab.memory(0);
    const [[a, theirA], [b], [c, theirC]] = [pipe(), pipe(), pipe()];
    const queue = Queue.create(memory);
    const all = [a, b, c, queue];
    const started = performance.now();
    expect([waitForAny(memory, all, 0), waitForAny(memory, all, -1), waitForAny(memory, [], -1)]).toEqual([[], [], []]);
    expect(await waitForAnyAsync(memory, all, { timeoutMs: -1 })).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
    const waited = performance.now();
    expect(waitForAny(memory, all, 60)).toEqual([]);
    expect(performance.now() - waited).toBeGreaterThanOrEqual(60);
    theirA.send(1);
    theirC.close();
    expect(waitForAny(memory, all)).toEqual([a, c]);
    queue.put(1);
    expect(await waitForAnyAsync(memory, all)).toEqual([a, c, queue]);
    a.recv();
    queue.get();
    expect(waitForAny(memory, [a, b, queue], 0)).toEqual([]);
    expect(memory.cells.load(HEADER.asyncWaiters)).toBe(0);
  });

  test('without blocking hears of each, and can be aborted', async () => {
    const memory = lab.memory(0);
    const [[a, theirA], [b]] = [pipe(), pipe()];
    const queue = Queue.create(memory);
    const theirs = lab.send(queue, 0, 1);
    let waiting = waitForAnyAsync(memory, [a, b, queue]);
    theirs.put(1);
    expect(await waiting).toEqual([queue]);
    queue.get();
    waiting = waitForAnyAsync(memory, [a, b, queue]);
    theirA.send(1);
    expect(await waiting).toEqual([a]);
    a.recv();
    const aborted = waitForAnyAsync(memory, [a, b], { signal: AbortSignal.timeout(20) });
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_IPC_ABORTED' });
  });

  test('refuses what cannot be waited for', () => {
    const memory = lab.memory(0);
    for (const wrong of [Lock.create(memory), null, 7])
      expect(() => waitForAny(memory, [Queue.create(memory), wrong as never])).toThrow(
        'number 2 of what is waited for is nothing to wait for',
      );
  });
});

describe('a queue that was shut down', () => {
  test('gives what is in it, then says so, and takes nothing', async () => {
    const ours = Queue.create(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    ours.put(1);
    ours.put(2);
    theirs.shutdown();
    theirs.shutdown();
    for (const each of [ours, theirs]) {
      expect(() => each.put(3)).toThrow(SHUT);
      expect(() => each.tryPut({ a: 1 })).toThrow(SHUT);
      await expect(each.putAsync(3)).rejects.toThrow(SHUT);
    }
    expect([ours.get(), theirs.tryGet()]).toEqual([1, 2]);
    expect(() => ours.get()).toThrow(SHUT);
    expect(() => ours.get(0)).toThrow(SHUT);
    expect(() => ours.tryGet()).toThrow(SHUT);
    await expect(ours.getAsync()).rejects.toThrow(SHUT);
    expect(waitForAny(lab.memory(0), [ours])).toEqual([ours]);
  });

  test('at once, gives nothing', () => {
    const ours = Queue.create(lab.memory(0));
    ours.put({ lock: Lock.create(lab.memory(0)) });
    ours.shutdown(true);
    expect([ours.size, lab.memory(0).arena.usedBytes() > 0]).toEqual([0, true]);
    expect(() => ours.get()).toThrow(SHUT);
  });

  test('tells those who wait', async () => {
    const empty = Queue.create(lab.memory(0));
    const full = Queue.create(lab.memory(0), { capacity: 1 });
    const theirs = [empty, full].map((each) => lab.send(each, 0, 1));
    full.put(1);
    const waits = Promise.allSettled([empty.getAsync(), empty.getAsync(), full.putAsync(2), full.putAsync(3)]);
    for (const each of theirs) each.shutdown();
    for (const outcome of await waits) expect(outcome).toEqual({ status: 'rejected', reason: SHUT });
    expect([full.get(), full.size]).toEqual([1, 0]);
  });
});
