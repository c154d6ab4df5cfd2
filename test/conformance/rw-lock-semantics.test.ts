/** What readers-writer locks do that needs no second operating-system process. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RwLock } from '#src/primitives/rw-lock.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(4);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

/** One lock, as the processes hold it. */
function handles(): readonly [RwLock, RwLock, RwLock, RwLock] {
  const ours = RwLock.create(lab.memory(0), { name: 'book' });
  return [ours, lab.send(ours, 0, 1), lab.send(ours, 0, 2), lab.send(ours, 0, 3)];
}

/** Lets whatever can go on in this event loop go on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

test('many read, or one writes', () => {
  const [a, b, c] = handles();
  expect([a.acquireRead(), b.tryAcquireRead(), a.tryAcquireRead(), c.readers]).toEqual([true, true, true, 3]);
  expect([c.tryAcquireWrite(), c.acquireWrite(0), c.acquireWrite(2), a.tryAcquireWrite()]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  for (const each of [a, a, b]) each.releaseRead();
  expect([c.acquireWrite(), a.writer, a.readers]).toEqual([true, 'process-3', 0]);
  expect([a.tryAcquireRead(), b.tryAcquireWrite(), c.tryAcquireWrite(), c.acquireRead(2)]).toEqual([
    false,
    false,
    false,
    false,
  ]);
  c.releaseWrite();
  expect([a.tryAcquireRead(), a.writer]).toEqual([true, undefined]);
});

test('who comes to read waits behind a writer that waits, and not behind one that gave up', async () => {
  const [a, b, c, d] = handles();
  const order: string[] = [];
  a.acquireRead();
  const writing = b.acquireWriteAsync().then(() => order.push('write'));
  const reading = [c, d].map((each) => each.acquireReadAsync().then(() => order.push('read')));
  await settled();
  expect([order, c.tryAcquireRead(), a.readers]).toEqual([[], false, 1]);
  a.releaseRead();
  await writing;
  await settled();
  expect(order).toEqual(['write']);
  b.releaseWrite();
  await Promise.all(reading);
  expect([order.length, a.readers]).toEqual([3, 2]);
  const later = b.acquireWriteAsync({ timeoutMs: 60 });
  const behind = a.acquireReadAsync();
  await expect(later).resolves.toBe(false);
  await expect(behind).resolves.toBe(true);
});

test('the writer that has waited longest is next', async () => {
  const [a, b, c, d] = handles();
  a.acquireWrite();
  const order: string[] = [];
  const waits = [b, c, d].map(async (each, i) => {
    await each.acquireWriteAsync();
    order.push(`${i}`);
    each.releaseWrite();
  });
  a.releaseWrite();
  await Promise.all(waits);
  expect([order, a.tryAcquireWrite()]).toEqual([['0', '1', '2'], true]);
});

test('gives up when the time is over, and not before', async () => {
  const [a, b] = handles();
  b.acquireWrite();
  for (const wait of [
    () => a.acquireRead(120),
    () => a.acquireWriteAsync({ timeoutMs: 120 }),
    () => a.acquireReadAsync({ timeoutMs: 120 }),
  ]) {
    const started = performance.now();
    expect(await wait()).toBe(false);
    expect(performance.now() - started).toBeGreaterThanOrEqual(120);
  }
  for (const timeoutMs of [Number.NaN, '5' as never])
    expect(() => a.acquireRead(timeoutMs)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  b.releaseWrite();
  expect(a.tryAcquireWrite()).toBe(true);
});

test('is released by who holds it only', () => {
  const [a, b] = handles();
  expect(() => a.releaseRead()).toThrow(code('ERR_IPC_NOT_OWNER'));
  b.acquireRead();
  expect(() => a.releaseRead()).toThrow('book cannot be released by a process that does not read');
  expect(() => b.releaseWrite()).toThrow('book cannot be released by a process that does not write');
  b.releaseRead();
  expect(() => b.releaseRead()).toThrow(code('ERR_IPC_NOT_OWNER'));
});

test('is held for a block, and freed however that ends', async () => {
  const [a, b] = handles();
  expect(a.withWrite(() => b.tryAcquireRead())).toBe(false);
  expect(a.withRead(() => [b.withRead(() => 1), b.tryAcquireWrite()])).toEqual([1, false]);
  expect(() => {
    using _held = a.holdWrite();
    expect(() => b.holdRead(5)).toThrow('book could not be acquired within 5 ms: supervisor writes');
    throw new Error('from inside');
  }).toThrow('from inside');
  {
    using _held = a.holdRead();
    expect(() => b.holdWrite(5)).toThrow(code('ERR_IPC_TIMEOUT'));
  }
  const later = a.withWrite(() => Promise.resolve(b.writer));
  expect([b.writer, await later, b.writer]).toEqual(['supervisor', 'supervisor', undefined]);
});

test('a reader that died holds up nobody', async () => {
  const [a, b, c] = handles();
  b.acquireRead();
  const writing = c.acquireWriteAsync();
  lab.die(1);
  await expect(writing).resolves.toBe(true);
  c.releaseWrite();
  expect([a.readers, a.acquireWrite()]).toEqual([0, true]);
});

test('a writer that died while it waited holds up no reader', async () => {
  const [a, b, c] = handles();
  a.acquireRead();
  void b.acquireWriteAsync().catch(() => {});
  const reading = c.acquireReadAsync();
  lab.die(1);
  await expect(reading).resolves.toBe(true);
});

test('a writer that died is told to all who wait, until one takes over', async () => {
  const [a, b, c] = handles();
  b.acquireWrite();
  const died = expect.objectContaining({
    code: 'ERR_IPC_OWNER_DIED',
    message: 'book is held by process-2, which has ended without releasing it',
  }) as Error;
  expect(a.takeOver()).toBe(false);
  const waits = [c.acquireReadAsync(), c.acquireWriteAsync()];
  lab.die(1);
  for (const wait of waits) await expect(wait).rejects.toThrow(died);
  expect(() => a.acquireRead()).toThrow(died);
  expect([a.tryAcquireRead(), a.tryAcquireWrite(), a.writer]).toEqual([false, false, 'process-2']);
  expect([a.takeOver(), c.takeOver(), a.writer]).toEqual([true, false, 'supervisor']);
  const reading = c.acquireReadAsync();
  a.releaseWrite();
  await expect(reading).resolves.toBe(true);
});

test('who reads and waits to write is told that nobody can end that', () => {
  const [a] = handles();
  for (const process of [1, 2, 3]) lab.die(process);
  a.acquireRead();
  expect(() => a.acquireWrite()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
  expect([a.acquireWrite(5), a.readers]).toEqual([false, 1]);
});

test('a wait ends with a code when it is aborted or closed, and all memory comes back', async () => {
  const used = lab.memory(0).arena.usedBytes();
  const [a, b, c, d] = handles();
  b.acquireWrite();
  const abort = new AbortController();
  const aborted = a.acquireReadAsync({ signal: abort.signal });
  abort.abort();
  await expect(aborted).rejects.toThrow(code('ERR_IPC_ABORTED'));
  const waits = Promise.allSettled(Array.from({ length: 30 }, () => a.acquireWriteAsync()));
  a.close();
  for (const each of await waits)
    expect(each).toMatchObject({ status: 'rejected', reason: { code: 'ERR_IPC_CLOSED' } });
  for (const use of [() => a.acquireRead(), () => a.tryAcquireWrite(), () => a.releaseRead(), () => a.readers])
    expect(use).toThrow(code('ERR_IPC_CLOSED'));
  b.releaseWrite();
  expect(c.acquireWrite(1000)).toBe(true);
  for (const each of [b, c, d]) each.close();
  expect(lab.memory(0).arena.usedBytes()).toBe(used);
});
