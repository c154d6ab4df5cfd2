/** A message that was not put, or that nobody will read, gives back what it has taken: memory, and references to what is in it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabMemory } from '#src/memory/lab-memory.js';
import { SHARED_OBJECT, type SharedObject } from '#src/memory/shared-object.js';
import { Lock } from '#src/primitives/lock.js';
import { Queue } from '#src/primitives/queue.js';
import { Tuple } from '#src/primitives/tuple.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;
let ours: LabMemory;

beforeEach(() => {
  lab = new SharedLab(2, 2.5 * 1024 * 1024);
  ours = lab.memory(0);
});
afterEach(() => lab[Symbol.dispose]());

const BLOCK = 'x'.repeat(20_000);

function references(object: SharedObject): number {
  return ours.objects.references(object[SHARED_OBJECT]);
}

const MESSAGES: readonly [string, (lock: Lock) => unknown][] = [
  ['a long text', () => BLOCK],
  ['a long wide text', () => '锁'.repeat(9000)],
  ['many bytes', () => new Uint8Array(20_000)],
  ['a small object with a lock', (lock) => ({ lock })],
  ['a large object with a lock', (lock) => ({ lock, BLOCK })],
  ['a row of values with a lock', (lock) => new Tuple(1, lock)],
  ['a long row of values with a lock', (lock) => new Tuple(BLOCK, lock)],
];

describe.each(MESSAGES)('%s', (_name, make) => {
  let queue: Queue;
  let lock: Lock;
  let used: number;

  beforeEach(() => {
    lock = Lock.create(ours);
    queue = Queue.create(ours, { capacity: 1, sizeBytes: 4096 });
    queue.put(1);
    used = ours.arena.usedBytes();
  });

  function expectNothingKept(): void {
    expect({ used: ours.arena.usedBytes(), references: references(lock) }).toEqual({ used, references: 1 });
  }

  test('is given back when there is no room for it', async () => {
    expect(queue.tryPut(make(lock))).toBe(false);
    expectNothingKept();
    const holder = lab.send(queue, 0, 1);
    expect(() => queue.put(make(lock), 20)).toThrow(expect.objectContaining({ code: 'ERR_IPC_FULL' }));
    await expect(queue.putAsync(make(lock), { timeoutMs: 20 })).rejects.toMatchObject({ code: 'ERR_IPC_FULL' });
    await expect(queue.putAsync(make(lock), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'ERR_IPC_ABORTED',
    });
    const controller = new AbortController();
    const aborted = queue.putAsync(make(lock), { signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'ERR_IPC_ABORTED' });
    holder.close();
    expectNothingKept();
  });

  test('is given back when nobody is left to read it', () => {
    expect(() => queue.put(make(lock))).toThrow(expect.objectContaining({ code: 'ERR_IPC_NOBODY_LEFT' }));
    expectNothingKept();
  });

  test('is given back when the queue is closed before it was read', () => {
    queue.get();
    queue.put(make(lock));
    queue.close();
    expect(references(lock)).toBe(1);
    lock.close();
    expect(ours.arena.usedBytes()).toBe(0);
  });

  test('that holds the last reference to a lock gives that back too', () => {
    queue.get();
    queue.put(make(lock));
    lock.close();
    queue.close();
    expect(ours.arena.usedBytes()).toBe(0);
  });

  test('is given back when shared memory has no room for it', () => {
    queue.get();
    const taken: number[] = [];
    for (const sizeBytes of [100_000, 1000, 64]) {
      for (;;) {
        try {
          taken.push(ours.arena.allocate(sizeBytes));
        } catch {
          break;
        }
      }
    }
    const full = ours.arena.usedBytes();
    try {
      queue.put(make(lock));
      queue.get();
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_IPC_OUT_OF_MEMORY' });
    }
    expect({ used: ours.arena.usedBytes(), references: references(lock), size: queue.size }).toEqual({
      used: full,
      references: 1,
      size: 0,
    });
    for (const offset of taken) ours.arena.free(offset);
    queue.put(make(lock));
    queue.get();
    expectNothingKept();
  });
});

test('a queue in a queue in a queue, unread, gives everything back with the outermost', () => {
  const [outer, middle, inner] = [Queue.create(ours), Queue.create(ours), Queue.create(ours)];
  inner.put({ lock: Lock.create(ours), BLOCK });
  middle.put([inner, BLOCK]);
  outer.put(new Map([['middle', middle]]));
  for (const queue of [inner, middle]) queue.close();
  expect(ours.arena.usedBytes()).toBeGreaterThan(1_500_000);
  const theirs = lab.send(outer, 0, 1);
  outer.close();
  theirs.close();
  expect(ours.arena.usedBytes(), 'but for the lock, which this process still has, and its ledger').toBe(64 + 256);
});

test('what cannot be cloned leaves the queue as it was, and its count', () => {
  const queue = Queue.create(ours, { capacity: 2 });
  const lock = Lock.create(ours);
  queue.put('before');
  for (const bad of [() => 1, { lock, f: (): void => {} }, Symbol('s'), [lock, Promise.resolve()]]) {
    expect(() => queue.put(bad)).toThrow(expect.objectContaining({ code: 'ERR_IPC_NOT_CLONEABLE' }));
    expect(() => queue.tryPut(bad)).toThrow(expect.objectContaining({ code: 'ERR_IPC_NOT_CLONEABLE' }));
  }
  expect(() => queue.put({ a: [1, { run: expectUsable }] })).toThrow(/the message \(at \.a\[1\]\.run\).*expectUsable/);
  expect([queue.size, references(lock)]).toEqual([1, 1]);
  expectUsable();

  function expectUsable(): void {
    queue.put('after');
    expect([queue.get(), queue.get(), queue.size]).toEqual(['before', 'after', 0]);
  }
});

test('a queue that finds no room for its ring is refused and leaves nothing', () => {
  const used = ours.arena.usedBytes();
  expect(() => Queue.create(ours, { sizeBytes: 16 * 1024 * 1024 })).toThrow(
    expect.objectContaining({ code: 'ERR_IPC_OUT_OF_MEMORY' }),
  );
  expect(ours.arena.usedBytes()).toBe(used);
});
