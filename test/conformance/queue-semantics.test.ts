/** What a queue does as one process sees it; the other is another view of the same memory in the same process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { SHARED_OBJECT } from '#src/memory/objects.js';
import { Lock } from '#src/primitives/lock.js';
import { Queue } from '#src/primitives/queue.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(name: string): Error {
  return expect.objectContaining({ name: 'IpcError', code: name }) as Error;
}

function pair<T>(options = {}): [Queue<T>, Queue<T>] {
  const ours = Queue.create<T>(lab.memory(0), options);
  return [ours, lab.send(ours, 0, 1)];
}

/** Rings a process's bell until it has looked around in its wait: each ring makes it do so once. */
async function looksAround(shared: SharedLab, index: number): Promise<void> {
  const { bells, self } = shared.memory(index);
  for (let turn = 0; turn < 5; turn++) {
    bells.ring(self);
    for (let ticks = 0; ticks < 20; ticks++) await new Promise(setImmediate);
  }
}

/** How long something took; it must not return. */
async function millisecondsUntilRefused(code: string, work: () => unknown): Promise<number> {
  const started = performance.now();
  await expect((async () => work())()).rejects.toMatchObject({ code });
  return performance.now() - started;
}

describe('a bounded queue', () => {
  test('has sizes 1, 2, 1, 0 as messages come and go, as both sides see them', () => {
    const [ours, theirs] = pair<string>({ capacity: 2 });
    const sizes: number[] = [];
    const note = (): void => {
      expect(theirs.size).toBe(ours.size);
      sizes.push(ours.size);
    };
    ours.put('a');
    note();
    theirs.put('b');
    note();
    expect(theirs.get()).toBe('a');
    note();
    expect(ours.get()).toBe('b');
    note();
    expect(sizes).toEqual([1, 2, 1, 0]);
    expect([ours.capacity, theirs.capacity]).toEqual([2, 2]);
    expect(Queue.create(lab.memory(0)).capacity).toBe(Infinity);
  });

  test('refuses what is too much, at once or after the time, and says what it holds', async () => {
    const [ours] = pair<number>({ capacity: 1, name: 'till' });
    ours.put(1);
    expect(ours.tryPut(2)).toBe(false);
    expect(() => ours.put(2, 0)).toThrow(code('ERR_IPC_FULL'));
    expect(() => ours.put(2, 0)).toThrow('till had no room for the message within 0 ms: 1 messages are in it');
    expect(await millisecondsUntilRefused('ERR_IPC_FULL', () => ours.put(2, 60))).toBeGreaterThanOrEqual(60);
    expect(
      await millisecondsUntilRefused('ERR_IPC_FULL', () => ours.putAsync(2, { timeoutMs: 60 })),
    ).toBeGreaterThanOrEqual(60);
    expect([ours.get(), ours.tryGet()]).toEqual([1, undefined]);
  });

  test('without a message says so, at once or after the time', async () => {
    const [ours] = pair({ name: 'till' });
    expect(ours.tryGet()).toBe(undefined);
    expect(() => ours.get(0)).toThrow(code('ERR_IPC_EMPTY'));
    expect(() => ours.get(0)).toThrow('till had no message within 0 ms');
    expect(await millisecondsUntilRefused('ERR_IPC_EMPTY', () => ours.get(60))).toBeGreaterThanOrEqual(60);
    expect(
      await millisecondsUntilRefused('ERR_IPC_EMPTY', () => ours.getAsync({ timeoutMs: 60 })),
    ).toBeGreaterThanOrEqual(60);
  });

  test('takes no capacity, size or timeout that is no natural number', () => {
    const memory = lab.memory(0);
    for (const capacity of [0, -1, 1.5, Number.NaN, '3' as unknown as number])
      expect(() => Queue.create(memory, { capacity })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    for (const sizeBytes of [0, 255, 2 ** 31, 300.5])
      expect(() => Queue.create(memory, { sizeBytes })).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    const queue = Queue.create(memory);
    for (const timeout of [Number.NaN, 'soon' as unknown as number])
      expect(() => queue.get(timeout)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(memory.cells.load(HEADER.asyncWaiters)).toBe(0);
  });
});

test('messages that take more than the ring pass one by one, in order, with those that fit', () => {
  const [ours, theirs] = pair<string>({ sizeBytes: 256 });
  const messages = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i).repeat(i % 3 === 0 ? 5000 : i));
  const received: string[] = [];
  for (const each of messages) {
    while (!ours.tryPut(each)) received.push(theirs.get());
  }
  for (let rest = theirs.tryGet(); rest !== undefined; rest = theirs.tryGet()) received.push(rest);
  expect(received).toEqual(messages);
});

describe('asynchronous waits', () => {
  test('are served in the order in which they were made', async () => {
    const [ours, theirs] = pair<number>();
    const waiting = Promise.all(Array.from({ length: 20 }, () => ours.getAsync()));
    for (let i = 0; i < 20; i++) theirs.put(i);
    expect(await waiting).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test('put in order, large and small, also what is put afterwards in another way', async () => {
    const [ours, theirs] = pair<string>({ sizeBytes: 1024 });
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
    const [ours, theirs] = pair<string>({ capacity: 1 });
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
    const [ours, theirs] = pair<string>({ capacity: 1 });
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
    const [ours, theirs] = pair<number>({ capacity: 1 });
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
    const [ours, theirs] = pair<number>();
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
    const [ours, theirs] = pair<number>({ sizeBytes: 1024 });
    const waiting = Promise.all(Array.from({ length: 4000 }, (_, i) => ours.putAsync(i)));
    for (let i = 0; i < 4000; i++) expect(await theirs.getAsync()).toBe(i);
    await waiting;
  });
});

describe('closing', () => {
  test('refuses every use afterwards, on this side only, and may be repeated', async () => {
    const [ours, theirs] = pair<number>({ name: 'till' });
    ours.put(1);
    ours.close();
    ours.close();
    for (const use of [
      () => ours.put(1),
      () => ours.tryPut(1),
      () => ours.get(),
      () => ours.tryGet(),
      () => ours.size,
      () => theirs.put(ours as never),
    ])
      expect(use).toThrow(expect.objectContaining({ message: expect.stringMatching(/closed/) as string }));
    await expect(ours.getAsync()).rejects.toMatchObject({ code: 'ERR_IPC_CLOSED' });
    await expect(ours.putAsync(1)).rejects.toMatchObject({ code: 'ERR_IPC_CLOSED' });
    expect([ours.name, ours.closed, theirs.closed, theirs.get()]).toEqual(['till', true, false, 1]);
  });

  test('ends the waits of this process, and writes nothing into memory that is another’s by then', async () => {
    const { arena, cells } = lab.memory(0);
    const empty = Queue.create<string>(lab.memory(0));
    const full = Queue.create<string>(lab.memory(0), { capacity: 1 });
    const theirs = [empty, full].map((each) => lab.send(each, 0, 1));
    full.put('x');
    const waits = [empty.getAsync(), empty.getAsync(), full.putAsync('y'.repeat(200_000))];
    for (const each of [empty, full, ...theirs]) each.close();
    expect(arena.usedBytes(), 'all that is left is the message that waits').toBeLessThan(300_000);
    const objects = [...arena.chunks()].filter(({ owner, sizeBytes }) => owner === 0 && sizeBytes < 2000);
    const reused = objects.map(({ sizeBytes }) => arena.allocate(sizeBytes));
    for (const [i, offset] of reused.entries()) cells.copyIn(offset, filled(objects[i]?.sizeBytes));
    for (const wait of waits) await expect(wait).rejects.toMatchObject({ code: 'ERR_IPC_CLOSED' });
    for (const [i, offset] of reused.entries()) {
      const bytes = filled(objects[i]?.sizeBytes, 0);
      cells.copyOut(offset, bytes);
      expect(bytes).toEqual(filled(objects[i]?.sizeBytes));
      arena.free(offset);
    }
    expect(arena.usedBytes()).toBe(0);
  });

  function filled(length = 0, byte = 0x55): Uint8Array {
    return new Uint8Array(length).fill(byte);
  }
});

describe('nobody left', () => {
  test('ends a wait when the last other process has ended or closed the queue, and not before', async () => {
    const ours = Queue.create(lab.memory(0), { name: 'till' });
    const [second, third] = [lab.send(ours, 0, 1), lab.send(ours, 0, 2)];
    const waiting = ours.getAsync();
    let settled = false;
    waiting.catch(() => (settled = true));
    second.close();
    for (let ticks = 0; ticks < 20; ticks++) await new Promise(setImmediate);
    expect([settled, third.closed]).toEqual([false, false]);
    lab.die(2);
    await expect(waiting).rejects.toMatchObject({
      code: 'ERR_IPC_NOBODY_LEFT',
      message: 'nobody is left who could put anything into till',
    });
    expect(() => ours.get()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
    // With a time to wait, it is the time that ends it.
    expect(() => ours.get(10)).toThrow(code('ERR_IPC_EMPTY'));
  });

  test('is not said to a process that waits asynchronously and may itself put something in, as long as nobody else had the queue', async () => {
    const ours = Queue.create<string>(lab.memory(0));
    const [first, second] = [ours.getAsync(), ours.getAsync()];
    await looksAround(lab, 0);
    ours.put('one');
    ours.put('two');
    expect(await Promise.all([first, second])).toEqual(['one', 'two']);
    expect(() => ours.get()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
  });

  test('is not said to two who both wait asynchronously, of whom either may put something in', async () => {
    const [ours, theirs] = pair<string>();
    const waiting = [ours.getAsync(), theirs.getAsync()];
    await looksAround(lab, 0);
    await looksAround(lab, 1);
    ours.put('from us');
    theirs.put('from them');
    expect((await Promise.all(waiting)).toSorted()).toEqual(['from them', 'from us']);
  });

  test('does not keep what is in the queue from being read', () => {
    const ours = Queue.create(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    theirs.put('last words');
    lab.die(1);
    expect(ours.get()).toBe('last words');
    expect(() => ours.get()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
  });

  test('is not said while a reference is under way in a message of another queue', () => {
    const outer = Queue.create(lab.memory(0));
    const theirOuter = lab.send(outer, 0, 1);
    const ours = Queue.create(lab.memory(0));
    outer.put({ queue: ours });
    expect(ours.anyoneElse).toBe(true);
    const { queue: theirs } = theirOuter.get() as { queue: Queue };
    expect(ours.anyoneElse).toBe(true);
    theirs.close();
    expect(ours.anyoneElse).toBe(false);
  });
});
