/** Asynchronous waits at a queue: their order, how they end, and what they leave. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';
import { SharedLab } from '../shared-lab.ts';
import { queueOf } from './queues.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

describe('asynchronous waits', () => {
  test('are served in the order in which they were made', async () => {
    const [ours, theirs] = queueOf<number>(lab);
    const waiting = Promise.all(Array.from({ length: 20 }, () => ours.getAsync()));
    for (let i = 0; i < 20; i++) theirs.put(i);
    expect(await waiting).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('put in order, large and small, also what is put afterwards in another way', async () => {
    const [ours, theirs] = queueOf<string>(lab, { sizeBytes: 1024 });
    const messages = Array.from({ length: 60 }, (_, i) => `${i}:`.padEnd(i % 4 === 0 ? 150 : 5, '.'));
    const waiting = messages.slice(0, 58).map((each) => ours.putAsync(each));
    const received: string[] = [];
    for (const last of messages.slice(58)) {
      while (!ours.tryPut(last)) received.push(theirs.get());
    }
    await Promise.all(waiting);
    for (let rest = theirs.tryGet(); rest !== undefined; rest = theirs.tryGet()) received.push(rest);
    expect(received).toEqual(messages);
  });

  test('that are aborted or out of time leave their place to the next', async () => {
    const [ours, theirs] = queueOf<string>(lab, { capacity: 1 });
    ours.put('first');
    const controller = new AbortController();
    const aborted = ours.putAsync('aborted', { signal: controller.signal });
    const late = ours.putAsync('late', { timeoutMs: 30 });
    const next = ours.putAsync('next');
    controller.abort('enough');
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_IPC_ABORTED', cause: 'enough' });
    await expect(late).rejects.toMatchObject({ code: 'ERR_IPC_FULL' });
    expect(theirs.get()).toBe('first');
    await next;
    expect([theirs.get(), theirs.tryGet()]).toEqual(['next', undefined]);

    const gets = [ours.getAsync({ signal: AbortSignal.timeout(20) }), ours.getAsync({ timeoutMs: 20 })];
    const served = ours.getAsync();
    for (const outcome of await Promise.allSettled(gets)) expect(outcome.status).toBe('rejected');
    theirs.put('for the third');
    expect(await served).toBe('for the third');
  });

  test('that have put their message cannot be aborted any more', async () => {
    const [ours, theirs] = queueOf<string>(lab, { capacity: 1 });
    ours.put('first');
    const controller = new AbortController();
    const second = ours.putAsync('second', { signal: controller.signal });
    expect(theirs.get()).toBe('first');
    // A put of the same process puts in what waits before it.
    expect(ours.tryPut('third')).toBe(false);
    controller.abort();
    await second;
    expect([theirs.get(), theirs.tryGet()]).toEqual(['second', undefined]);
  });

  test('let the event loop go on, and leave nothing behind', async () => {
    const [ours, theirs] = queueOf<number>(lab, { capacity: 1 });
    const { cells, slots, self } = lab.memory(0);
    const waits = [ours.getAsync(), ours.getAsync()];
    for (let ticks = 0; ticks < 50; ticks++) await new Promise(setImmediate);
    expect(slots.waiting(self)).toMatchObject({ verb: 'get', target: ours[SHARED_OBJECT] });
    theirs.put(1);
    await waits[0];
    theirs.put(2);
    await waits[1];
    while (slots.waiting(self) !== undefined) await new Promise(setImmediate);
    expect(cells.load(HEADER.asyncWaiters)).toBe(0);
  });

  test('of several queues and locks are told of as long as they last, and not longer', async () => {
    const [ours, theirs] = queueOf<number>(lab);
    const lock = Lock.create(lab.memory(0));
    const theirLock = lab.send(lock, 0, 1);
    theirLock.acquire();
    const { slots, self } = lab.memory(0);
    const got = ours.getAsync();
    const acquired = lock.acquireAsync();
    theirs.put(1);
    await got;
    for (let ticks = 0; ticks < 5; ticks++) await new Promise(setImmediate);
    expect(slots.waiting(self)).toMatchObject({ verb: 'acquire', target: lock[SHARED_OBJECT] });
    theirLock.release();
    await acquired;
  });

  test('of four thousand messages through a small ring take no time each for all the others', async () => {
    const [ours, theirs] = queueOf<number>(lab, { sizeBytes: 1024 });
    const waiting = Promise.all(Array.from({ length: 4000 }, (_, i) => ours.putAsync(i)));
    for (let i = 0; i < 4000; i++) expect(await theirs.getAsync()).toBe(i);
    await waiting;
  });
});
