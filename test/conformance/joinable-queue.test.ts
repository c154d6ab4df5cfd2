/** What a queue that counts what is done, and a simple queue, do beyond a queue. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SHARED_OBJECT } from '#src/memory/shared-object.js';
import { JoinableQueue } from '#src/primitives/joinable-queue.js';
import { SimpleQueue } from '#src/primitives/simple-queue.js';
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

describe.each([0, 2 ** 31 - 3, -2])('a joinable queue whose counters begin at %i', (start) => {
  function pair(): [JoinableQueue, JoinableQueue] {
    const ours = JoinableQueue.create(lab.memory(0), { name: 'orders' }, start);
    return [ours, lab.send(ours, 0, 1)];
  }

  test('is joined when all that was put in is done with', async () => {
    const [ours, theirs] = pair();
    expect([ours.join(0), theirs.join(), await ours.joinAsync()]).toEqual([true, true, true]);
    for (let i = 0; i < 6; i++) ours.put(i);
    for (let left = 6; left > 0; left--) {
      expect([theirs.get(), ours.unfinished, ours.join(0), ours.join(1)]).toEqual([6 - left, left, false, false]);
      theirs.taskDone();
    }
    expect([ours.unfinished, ours.join(), await theirs.joinAsync()]).toEqual([0, true, true]);
  });

  test('refuses to be told more often than something was put in', () => {
    const [ours, theirs] = pair();
    expect(() => ours.taskDone()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
    ours.put(1);
    theirs.get();
    theirs.taskDone();
    expect(() => ours.taskDone()).toThrow('taskDone() was called for more messages than were put into orders');
    expect(ours.unfinished).toBe(0);
  });

  test('tells who joins without blocking', async () => {
    const [ours, theirs] = pair();
    ours.put(1);
    ours.put(2);
    const joining = ours.joinAsync();
    const late = ours.joinAsync({ timeoutMs: 20 });
    expect(await late).toBe(false);
    for (let i = 0; i < 2; i++) {
      theirs.get();
      theirs.taskDone();
    }
    expect(await joining).toBe(true);
  });

  test('that is shut down at once has nothing left to do', async () => {
    const [ours, theirs] = pair();
    ours.put(1);
    ours.put(2);
    theirs.get();
    const joining = ours.joinAsync();
    theirs.shutdown(true);
    expect(ours.unfinished).toBe(1);
    theirs.taskDone();
    expect(await joining).toBe(true);
  });

  test('whose last other process has died, or waits for more, cannot be joined', async () => {
    const [ours, theirs] = pair();
    ours.put(1);
    const joining = ours.joinAsync();
    theirs.get();
    lab.die(1);
    await expect(joining).rejects.toThrow(code('ERR_IPC_NOBODY_LEFT'));
    expect(() => ours.join()).toThrow('nobody is left who could finish what was put into orders');
    const third = lab.send(ours, 0, 2);
    const { slots, self } = lab.memory(2);
    // As if it were blocked in get().
    slots.enterWait(self, 'get', third[SHARED_OBJECT], third.waitCell, lab.memory(2).nowMs());
    expect(() => ours.join()).toThrow(code('ERR_IPC_NOBODY_LEFT'));
    slots.leaveWait(self);
  });

  test('counts what is in it, at whichever store a producer is killed', () => {
    for (let at = 1, alive = false; !alive; at++) {
      expect(at).toBeLessThan(100);
      using small = new SharedLab(2, 1024 * 1024);
      const theirs = JoinableQueue.create(small.memory(1), { sizeBytes: 4096 }, start);
      const victim = small.send(theirs, 1, 0);
      const revive = killAt(small.memory(0).cells, at);
      try {
        victim.put('text');
        alive = true;
      } catch (error) {
        if (!wasKilled(error)) throw error;
      }
      revive();
      small.die(0);
      const there = theirs.unfinished;
      const received = theirs.tryGet();
      expect(there, `killed at store ${at}`).toBe(received === undefined ? 0 : 1);
      if (there === 1) theirs.taskDone();
      expect(theirs.join(0)).toBe(true);
      expect(() => theirs.taskDone()).toThrow(code('ERR_IPC_RELEASED_TOO_OFTEN'));
    }
  });
});

describe('a simple queue', () => {
  test('says whether it is empty, and is closed as often as one likes', () => {
    const ours = SimpleQueue.create<string>(lab.memory(0));
    const theirs = lab.send(ours, 0, 1);
    expect(ours.empty()).toBe(true);
    ours.put('a');
    expect([ours.empty(), theirs.empty(), theirs.get(), ours.empty()]).toEqual([false, false, 'a', true]);
    ours.close();
    ours.close();
    expect(() => ours.empty()).toThrow(code('ERR_IPC_CLOSED'));
    expect(theirs.empty()).toBe(true);
  });

  test('has its writer wait once 64 KiB are in it', () => {
    const ours = SimpleQueue.create<string>(lab.memory(0));
    let bytes = 0;
    while (ours.tryPut('x'.repeat(1000))) bytes += 1000;
    expect(bytes).toBeGreaterThan(60_000);
    expect(bytes).toBeLessThanOrEqual(65_536);
  });
});
