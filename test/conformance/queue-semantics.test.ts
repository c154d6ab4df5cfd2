/** What a queue does as one process sees it; the other is another view of the same memory in the same process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HEADER } from '#src/memory/layout.js';
import { Queue } from '#src/primitives/queue.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { queueOf } from './queues.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(2);
});
afterEach(() => lab[Symbol.dispose]());

/** How long something took; it must not return. */
async function millisecondsUntilRefused(code: string, work: () => unknown): Promise<number> {
  const started = performance.now();
  await expect((async () => work())()).rejects.toMatchObject({ code });
  return performance.now() - started;
}

describe('a bounded queue', () => {
  test('has sizes 1, 2, 1, 0 as messages come and go, as both sides see them', () => {
    const [ours, theirs] = queueOf<string>(lab, { capacity: 2 });
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
    const [ours] = queueOf<number>(lab, { capacity: 1, name: 'till' });
    ours.put(1);
    expect(ours.tryPut(2)).toBe(false);
    expect(() => ours.put(2, 0)).toThrow(coded('ERR_IPC_FULL'));
    expect(() => ours.put(2, 0)).toThrow('till had no room for the message within 0 ms: 1 messages are in it');
    expect(await millisecondsUntilRefused('ERR_IPC_FULL', () => ours.put(2, 60))).toBeGreaterThanOrEqual(60);
    expect(
      await millisecondsUntilRefused('ERR_IPC_FULL', () => ours.putAsync(2, { timeoutMs: 60 })),
    ).toBeGreaterThanOrEqual(60);
    expect([ours.get(), ours.tryGet()]).toEqual([1, undefined]);
  });

  test('without a message says so, at once or after the time', async () => {
    const [ours] = queueOf(lab, { name: 'till' });
    expect(ours.tryGet()).toBe(undefined);
    expect(() => ours.get(0)).toThrow(coded('ERR_IPC_EMPTY'));
    expect(() => ours.get(0)).toThrow('till had no message within 0 ms');
    expect(await millisecondsUntilRefused('ERR_IPC_EMPTY', () => ours.get(60))).toBeGreaterThanOrEqual(60);
    expect(
      await millisecondsUntilRefused('ERR_IPC_EMPTY', () => ours.getAsync({ timeoutMs: 60 })),
    ).toBeGreaterThanOrEqual(60);
  });

  test('takes no capacity, size or timeout that is no natural number', () => {
    const memory = lab.memory(0);
    for (const capacity of [0, -1, 1.5, Number.NaN, '3' as unknown as number])
      expect(() => Queue.create(memory, { capacity })).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    for (const sizeBytes of [0, 255, 2 ** 31, 300.5])
      expect(() => Queue.create(memory, { sizeBytes })).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    const queue = Queue.create(memory);
    for (const timeout of [Number.NaN, 'soon' as unknown as number])
      expect(() => queue.get(timeout)).toThrow(coded('ERR_IPC_INVALID_ARGUMENT'));
    expect(memory.cells.load(HEADER.asyncWaiters)).toBe(0);
  });
});

test('messages that take more than the ring pass one by one, in order, with those that fit', () => {
  const [ours, theirs] = queueOf<string>(lab, { sizeBytes: 256 });
  const messages = Array.from({ length: 40 }, (_, i) => String.fromCharCode(65 + i).repeat(i % 3 === 0 ? 5000 : i));
  const received: string[] = [];
  for (const each of messages) {
    while (!ours.tryPut(each)) received.push(theirs.get());
  }
  for (let rest = theirs.tryGet(); rest !== undefined; rest = theirs.tryGet()) received.push(rest);
  expect(received).toEqual(messages);
});

describe('closing', () => {
  test('refuses every use afterwards, on this side only, and may be repeated', async () => {
    const [ours, theirs] = queueOf<number>(lab, { name: 'till' });
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
