/** What semaphores do that needs no second operating-system process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BoundedSemaphore } from '#src/primitives/bounded-semaphore.js';
import { Semaphore } from '#src/primitives/semaphore.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

describe.each([
  ['Semaphore', Semaphore],
  ['BoundedSemaphore', BoundedSemaphore],
] as const)('%s', (kind, Kind) => {
  function handles(initial?: number, name?: string): [Semaphore, Semaphore] {
    const ours: Semaphore = Kind.create(lab.memory(0), initial, { name });
    return [ours, lab.send(ours, 0, 1)];
  }

  test('has as many permits as it was made with, for all processes together', () => {
    const [ours, theirs] = handles(2);
    expect([ours.value, ours.acquire(), theirs.value, theirs.tryAcquire(), ours.value]).toEqual([2, true, 1, true, 0]);
    expect([ours.tryAcquire(), theirs.acquire(0), ours.acquire(1)]).toEqual([false, false, false]);
    // Whoever took it.
    ours.release();
    ours.release();
    expect(theirs.value).toBe(2);
  });

  test('has one permit unless told, and may have none', () => {
    expect([handles()[1].value, handles(0)[1].value]).toEqual([1, 0]);
  });

  test('is called what it was named, else by kind and number', () => {
    expect(handles(1, 'places').map((each) => [each.name, each.kind])).toEqual([
      ['places', kind],
      ['places', kind],
    ]);
    expect(handles()[1].name).toMatch(new RegExp(`^${kind} \\d+$`));
  });

  test.each([-1, 1.5, 2 ** 31, Number.NaN, '1'])('is not made with %s permits', (initial) => {
    expect(() => handles(initial as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  });

  test.each([0, -1, 1.5, '1'])('does not release %s permits', (count) => {
    const [ours] = handles(1);
    ours.acquire();
    expect(() => ours.release(count as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    expect(ours.value).toBe(0);
  });

  test.each([Number.NaN, null, '5'])('refuses to wait for %s ms', async (timeoutMs) => {
    const [ours] = handles(0);
    expect(() => ours.acquire(timeoutMs as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    await expect(ours.acquireAsync({ timeoutMs: timeoutMs as number })).rejects.toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
  });

  test('gives up when the time is over, and not before', async () => {
    const [ours] = handles(0);
    for (const wait of [() => ours.acquire(120), () => ours.acquireAsync({ timeoutMs: 120 })]) {
      const started = performance.now();
      expect(await wait()).toBe(false);
      expect(performance.now() - started).toBeGreaterThanOrEqual(120);
    }
    expect(ours.value).toBe(0);
  });

  test('releases many at once, and each goes to one that waits', async () => {
    const [ours, theirs] = handles(3);
    for (let i = 0; i < 3; i++) ours.acquire();
    const served: number[] = [];
    let third: () => void = () => {};
    const untilThird = new Promise<void>((resolve) => (third = resolve));
    const waits = Array.from({ length: 4 }, (_, i) =>
      (i % 2 === 0 ? ours : theirs).acquireAsync().then(() => {
        if (served.push(i) === 3) third();
      }),
    );
    theirs.release(3);
    // Which three, nobody promises.
    await untilThird;
    expect([served.length, ours.value]).toEqual([3, 0]);
    ours.release();
    await Promise.all(waits);
    expect(served.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });

  test('limits tasks of one process, although no other is there to release it', async () => {
    const alone: Semaphore = Kind.create(lab.memory(0), 2);
    let inside = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await alone.acquireAsync();
        most = Math.max(most, ++inside);
        await new Promise(setImmediate);
        inside--;
        alone.release();
      }),
    );
    expect([most, alone.value]).toEqual([2, 2]);
  });

  test('an aborted wait takes no permit', async () => {
    const [ours, theirs] = handles(0);
    const abort = new AbortController();
    const waiting = ours.acquireAsync({ signal: abort.signal });
    abort.abort();
    await expect(waiting).rejects.toThrow(code('ERR_IPC_ABORTED'));
    expect([ours.value, theirs.value]).toEqual([0, 0]);
  });

  test('a permit is held for a block, and freed however that ends', async () => {
    const [ours, theirs] = handles(1);
    expect(() => {
      using _permit = ours.hold();
      expect(theirs.value).toBe(0);
      throw new Error('from inside');
    }).toThrow('from inside');
    expect(ours.with(() => theirs.value)).toBe(0);
    expect(() =>
      ours.with(() => {
        throw new Error('from inside');
      }),
    ).toThrow('from inside');
    const later = ours.with(() => Promise.resolve().then(() => theirs.value));
    expect(theirs.value).toBe(0);
    expect([await later, theirs.value]).toEqual([0, 1]);
  });

  test('hold and with give up with a code', () => {
    const [ours] = handles(0, 'places');
    const late = expect.objectContaining({
      code: 'ERR_IPC_TIMEOUT',
      message: 'places had no free permit within 10 ms',
    }) as Error;
    expect(() => ours.hold(10)).toThrow(late);
    expect(() => ours.with(() => 1, 10)).toThrow(late);
  });

  test('tells who waits that nobody is left', async () => {
    const [ours] = handles(0, 'places');
    const nobody = expect.objectContaining({
      code: 'ERR_IPC_NOBODY_LEFT',
      message: 'nobody is left who could release places',
    }) as Error;
    const waiting = ours.acquireAsync();
    lab.die(1);
    await expect(waiting).rejects.toThrow(nobody);
    expect(() => ours.acquire()).toThrow(nobody);
    // A timeout ends by itself.
    expect(ours.acquire(5)).toBe(false);
  });

  test('a wait ends with a code when it is closed meanwhile, and the memory stays whole', async () => {
    const used = lab.memory(0).arena.usedBytes();
    const [ours, theirs] = handles(0);
    const waiting = ours.acquireAsync();
    ours.close();
    await expect(waiting).rejects.toThrow(code('ERR_IPC_CLOSED'));
    for (const use of [() => ours.acquire(), () => ours.tryAcquire(), () => ours.value, () => ours.release()])
      expect(use).toThrow(code('ERR_IPC_CLOSED'));
    await expect(ours.acquireAsync()).rejects.toThrow(code('ERR_IPC_CLOSED'));
    theirs.close();
    expect(lab.memory(0).arena.usedBytes()).toBe(used);
  });
});

test('a semaphore may be released more often than it was acquired, up to what a cell holds', () => {
  const semaphore = Semaphore.create(lab.memory(0), 1);
  semaphore.release(5);
  expect(semaphore.value).toBe(6);
  semaphore.release(2 ** 31 - 1 - 6);
  expect(semaphore.value).toBe(2 ** 31 - 1);
  expect(() => semaphore.release()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
  expect([semaphore.acquire(), semaphore.value]).toEqual([true, 2 ** 31 - 2]);
});

test('a bounded semaphore may not, and keeps its value', () => {
  const semaphore = BoundedSemaphore.create(lab.memory(0), 2, { name: 'places' });
  semaphore.acquire();
  expect(() => semaphore.release(2)).toThrow(
    expect.objectContaining({
      code: 'ERR_IPC_RELEASED_TOO_OFTEN',
      message: 'places cannot be given 2 more: 1 of at most 2 permits are free',
    }),
  );
  semaphore.release();
  expect(() => lab.send(semaphore, 0, 1).release()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
  expect(semaphore.value).toBe(2);
});
