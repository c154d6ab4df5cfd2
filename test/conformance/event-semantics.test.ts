/** What events do that needs no second operating-system process. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Event } from '#src/primitives/event.js';
import { SharedLab } from '../shared-lab.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

function code(expected: string): Error {
  return expect.objectContaining({ code: expected }) as Error;
}

/** Counts of changes from which the next ones pass from 2^31-1 to -2^31, or from -1 to 0. */
describe.each([0, 2 ** 31 - 2, -2])('an event whose count begins at %i', (start) => {
  function handles(name?: string): [Event, Event] {
    const ours = Event.create(lab.memory(0), { name }, start);
    return [ours, lab.send(ours, 0, 1)];
  }

  test('is clear until it is set, and set until it is cleared, for all processes', () => {
    const [ours, theirs] = handles();
    const seen = (): boolean[] => [ours.isSet, theirs.isSet, ours.wait(0), theirs.wait(1)];
    expect(seen()).toEqual([false, false, false, false]);
    theirs.set();
    ours.set();
    expect(seen()).toEqual([true, true, true, true]);
    expect([ours.wait(), ours.wait(), theirs.wait()]).toEqual([true, true, true]);
    ours.clear();
    theirs.clear();
    expect(seen()).toEqual([false, false, false, false]);
    ours.set();
    expect(theirs.wait()).toBe(true);
  });

  test('releases all who wait, also when it is cleared at once', async () => {
    const [ours, theirs] = handles();
    const waits = [ours.waitAsync(), theirs.waitAsync(), theirs.waitAsync({ timeoutMs: 60_000 })];
    ours.set();
    ours.clear();
    await expect(Promise.all(waits)).resolves.toEqual([true, true, true]);
    expect([ours.isSet, ours.wait(1)]).toEqual([false, false]);
  });

  test('gives up when the time is over, and not before', async () => {
    const [ours] = handles();
    for (const wait of [() => ours.wait(120), () => ours.waitAsync({ timeoutMs: 120 })]) {
      const started = performance.now();
      expect(await wait()).toBe(false);
      expect(performance.now() - started).toBeGreaterThanOrEqual(120);
    }
  });
});

test.each([Number.NaN, null, '5'])('refuses to wait for %s ms', async (timeoutMs) => {
  const event = Event.create(lab.memory(0));
  expect(() => event.wait(timeoutMs as number)).toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
  await expect(event.waitAsync({ timeoutMs: timeoutMs as number })).rejects.toThrow(code('ERR_IPC_INVALID_ARGUMENT'));
});

test('a process may set what it waits for asynchronously itself', async () => {
  const event = Event.create(lab.memory(0));
  const waiting = event.waitAsync();
  for (let i = 0; i < 10; i++) await new Promise(setImmediate);
  event.set();
  await expect(waiting).resolves.toBe(true);
});

test('tells who waits that nobody is left', async () => {
  const event = Event.create(lab.memory(0), { name: 'dawn' });
  lab.send(event, 0, 1);
  const nobody = expect.objectContaining({
    code: 'ERR_IPC_NOBODY_LEFT',
    message: 'nobody is left who could set dawn',
  }) as Error;
  const waiting = event.waitAsync();
  lab.die(1);
  await expect(waiting).rejects.toThrow(nobody);
  expect(() => event.wait()).toThrow(nobody);
  expect(event.wait(5)).toBe(false);
});

test('a wait ends with a code when it is aborted, closed, or the lab ends', async () => {
  const used = lab.memory(0).arena.usedBytes();
  const ours = Event.create(lab.memory(0));
  const theirs = lab.send(ours, 0, 1);
  const abort = new AbortController();
  const aborted = ours.waitAsync({ signal: abort.signal });
  abort.abort();
  await expect(aborted).rejects.toThrow(code('ERR_IPC_ABORTED'));
  const closed = ours.waitAsync();
  ours.close();
  await expect(closed).rejects.toThrow(code('ERR_IPC_CLOSED'));
  for (const use of [() => ours.wait(), () => ours.set(), () => ours.clear(), () => ours.isSet])
    expect(use).toThrow(code('ERR_IPC_CLOSED'));
  theirs.close();
  expect(lab.memory(0).arena.usedBytes()).toBe(used);
  const last = Event.create(lab.memory(0)).waitAsync();
  lab.memory(0).end();
  lab.memory(0).bells.ringAll();
  await expect(last).rejects.toThrow(code('ERR_IPC_LAB_ENDING'));
});
