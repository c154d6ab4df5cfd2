/** What a lock does that needs no second operating-system process: two processes' views of one lab, in this one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Lock } from '#src/primitives/lock.js';
import { RLock } from '#src/primitives/rlock.js';
import { SpinLock } from '#src/primitives/spin-lock.js';
import { TicketLock } from '#src/primitives/ticket-lock.js';
import type { AnyLock } from '../any-lock.ts';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

const KINDS = [
  ['Lock', Lock],
  ['RLock', RLock],
  ['SpinLock', SpinLock],
  ['TicketLock', TicketLock],
] as const;

describe.each(KINDS)('%s', (kind, Kind) => {
  /** One lock, as the three processes hold it. */
  function handles(name?: string): [AnyLock, AnyLock, AnyLock] {
    const lock: AnyLock = Kind.create(lab.memory(0), { name });
    return [lock, lab.send(lock, 0, 1), lab.send(lock, 0, 2)];
  }

  test('is acquired when free and not when another holds it', () => {
    const [ours, theirs] = handles();
    expect([ours.tryAcquire(), ours.locked, theirs.locked]).toEqual([true, true, true]);
    expect([theirs.tryAcquire(), theirs.acquire(0)]).toEqual([false, false]);
    ours.release();
    expect([ours.locked, theirs.tryAcquire(), ours.tryAcquire()]).toEqual([false, true, false]);
  });

  test('gives up when the time is over, and not before', () => {
    const [ours, theirs] = handles();
    ours.acquire();
    const started = performance.now();
    expect(theirs.acquire(150)).toBe(false);
    expect(performance.now() - started).toBeGreaterThanOrEqual(150);
  });

  test.each([Number.NaN, null, '5'])('refuses to wait for %s ms', async (timeoutMs) => {
    const [ours, theirs] = handles();
    ours.acquire();
    expect(() => theirs.acquire(timeoutMs as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
    await expect(theirs.acquireAsync({ timeoutMs: timeoutMs as number })).rejects.toThrow(
      code('ERR_IPC_INVALID_ARGUMENT'),
    );
  });

  test('knows its holder by name', () => {
    const [ours, theirs] = handles();
    expect(ours.owner).toBeUndefined();
    theirs.acquire();
    expect([ours.owner, theirs.owner]).toEqual(['process-2', 'process-2']);
    theirs.release();
    expect(ours.owner).toBeUndefined();
  });

  test('is called what it was named, else by kind and number', () => {
    expect(handles('till').map((lock) => lock.name)).toEqual(['till', 'till', 'till']);
    expect(handles()[1].name).toMatch(new RegExp(`^${kind} \\d+$`));
  });

  test('is held for a block by using, and freed however the block ends', () => {
    const [ours, theirs] = handles();
    const block = (): void => {
      using _held = ours.hold();
      expect(theirs.locked).toBe(true);
      throw new Error('from inside');
    };
    expect(block).toThrow('from inside');
    expect(theirs.locked).toBe(false);
  });

  test('hold and with give up with a code, saying who holds it', () => {
    const [ours, theirs] = handles('till');
    theirs.acquire();
    const message = 'till could not be acquired within 10 ms: process-2 holds it';
    expect(() => ours.hold(10)).toThrow(expect.objectContaining({ code: 'ERR_IPC_TIMEOUT', message }));
    expect(() => ours.with(() => 1, 10)).toThrow(expect.objectContaining({ code: 'ERR_IPC_TIMEOUT', message }));
  });

  test('with returns what the function returns, and frees it however that ends', async () => {
    const [ours, theirs] = handles();
    expect(ours.with(() => theirs.locked)).toBe(true);
    expect(theirs.locked).toBe(false);
    expect(() =>
      ours.with(() => {
        throw new Error('from inside');
      }),
    ).toThrow('from inside');
    expect(theirs.locked).toBe(false);
    const later = ours.with(async () => {
      await Promise.resolve();
      return theirs.locked;
    });
    expect(theirs.locked).toBe(true);
    await expect(later).resolves.toBe(true);
    expect(theirs.locked).toBe(false);
  });

  test('tells who waits that its holder died, until somebody takes it over', async () => {
    const [ours, theirs, third] = handles('till');
    theirs.acquire();
    const waiting = third.acquireAsync();
    lab.die(1);
    const message = 'till is held by process-2, which has ended without releasing it';
    await expect(waiting).rejects.toThrow(expect.objectContaining({ code: 'ERR_IPC_OWNER_DIED', message }));
    expect(() => ours.acquire()).toThrow(expect.objectContaining({ code: 'ERR_IPC_OWNER_DIED', message }));
    expect(() => ours.hold(1000)).toThrow(code('ERR_IPC_OWNER_DIED'));
    expect([ours.tryAcquire(), ours.acquire(0), ours.locked]).toEqual([false, false, true]);
    expect([ours.takeOver(), third.takeOver()]).toEqual([true, false]);
    expect(third.owner).toBe('supervisor');
    ours.release();
    expect(third.acquire()).toBe(true);
  });

  test('is not taken over while it is free or its holder lives', () => {
    const [ours, theirs] = handles();
    expect(ours.takeOver()).toBe(false);
    theirs.acquire();
    expect([ours.takeOver(), theirs.takeOver(), theirs.owner]).toEqual([false, false, 'process-2']);
  });

  test('wakes whoever waits when it was taken over and released', async () => {
    const [ours, theirs, third] = handles();
    theirs.acquire();
    lab.die(1);
    expect(ours.takeOver()).toBe(true);
    const waiting = third.acquireAsync({ timeoutMs: 10_000 });
    ours.release();
    await expect(waiting).resolves.toBe(true);
  });

  test('ends every wait when the lab ends', async () => {
    const [ours, theirs] = handles();
    ours.acquire();
    const waiting = theirs.acquireAsync();
    lab.memory(0).end();
    lab.memory(0).bells.ringAll();
    await expect(waiting).rejects.toThrow(code('ERR_IPC_LAB_ENDING'));
    expect(() => theirs.acquire()).toThrow(code('ERR_IPC_LAB_ENDING'));
  });
});

describe.each([
  ['Lock', Lock],
  ['SpinLock', SpinLock],
])('%s', (_kind, Kind) => {
  test('is released by any process', () => {
    const lock = Kind.create(lab.memory(0));
    lock.acquire();
    lab.send(lock, 0, 1).release();
    expect(lock.locked).toBe(false);
  });

  test('refuses to be released when it is free', () => {
    const lock = Kind.create(lab.memory(0), { name: 'till' });
    expect(() => lock.release()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
    lock.with(() => undefined);
    expect(() => lock.release()).toThrow('till was released, but nobody holds it');
  });
});

test.each([
  ['Lock', Lock],
  ['SpinLock', SpinLock],
  ['TicketLock', TicketLock],
])('a %s is not recursive: who acquires it twice waits for itself', async (_kind, Kind) => {
  const lock: Lock | SpinLock | TicketLock = Kind.create(lab.memory(0));
  lock.acquire();
  expect([lock.tryAcquire(), lock.acquire(1)]).toEqual([false, false]);
  await expect(lock.acquireAsync({ timeoutMs: 1 })).resolves.toBe(false);
  lock.release();
  expect([lock.locked, lock.tryAcquire()]).toEqual([false, true]);
});

test('a TicketLock is released by its owner only', () => {
  const ours = TicketLock.create(lab.memory(0), { name: 'till' });
  const theirs = lab.send(ours, 0, 1);
  expect(() => ours.release()).toThrow('till can be released only by its owner, and nobody holds it');
  ours.acquire();
  expect(() => theirs.release()).toThrow(code('ERR_IPC_NOT_OWNER'));
  expect(ours.owner).toBe('supervisor');
});

describe('RLock', () => {
  test('is acquired again by its holder and freed by as many releases', async () => {
    const ours = RLock.create(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    expect([ours.depth, ours.acquire(), ours.tryAcquire(), await ours.acquireAsync(), ours.acquire(0)]).toEqual([
      0,
      true,
      true,
      true,
      true,
    ]);
    expect(theirs.depth).toBe(4);
    for (let depth = 3; depth >= 0; depth--) {
      expect(theirs.tryAcquire()).toBe(false);
      ours.release();
      expect(theirs.depth).toBe(depth);
    }
    expect(() => ours.release()).toThrow(code('ERR_IPC_NOT_OWNER'));
    expect(theirs.tryAcquire()).toBe(true);
  });

  test('is released by its holder only, and says who that is', () => {
    const ours = RLock.create(lab.memory(0), { name: 'till' });
    const theirs = lab.send(ours, 0, 1);
    expect(() => theirs.release()).toThrow('till can be released only by its owner, and nobody holds it');
    ours.acquire();
    expect(() => theirs.release()).toThrow('till can be released only by its owner, and supervisor holds it');
    expect(ours.depth).toBe(1);
  });

  test('nests hold and with', () => {
    const lock = RLock.create(lab.memory(0));
    const depth = lock.with(() => {
      using _held = lock.hold();
      return lock.depth;
    });
    expect([depth, lock.depth, lock.locked]).toEqual([2, 0, false]);
  });

  test('is at depth 1 when it was taken over, however deep its holder was', () => {
    const ours = RLock.create(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    theirs.acquire();
    theirs.acquire();
    lab.die(1);
    expect([ours.takeOver(), ours.depth]).toEqual([true, 1]);
    ours.release();
    expect(ours.locked).toBe(false);
  });
});
