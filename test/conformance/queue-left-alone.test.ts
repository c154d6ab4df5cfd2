/** When a wait at a queue ends because nobody is left who could end it, and when it must not. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Queue } from '#src/primitives/queue.js';
import { coded } from '../coded.ts';
import { SharedLab } from '../shared-lab.ts';
import { queueOf } from './queues.ts';

let lab: SharedLab;

beforeEach(() => {
  lab = new SharedLab(3);
});
afterEach(() => lab[Symbol.dispose]());

/** Rings a process's bell until it has looked around in its wait: each ring makes it do so once. */
async function looksAround(shared: SharedLab, index: number): Promise<void> {
  const { bells, self } = shared.memory(index);
  for (let turn = 0; turn < 5; turn++) {
    bells.ring(self);
    for (let ticks = 0; ticks < 20; ticks++) await new Promise(setImmediate);
  }
}

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
    expect(() => ours.get()).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
    // With a time to wait, it is the time that ends it.
    expect(() => ours.get(10)).toThrow(coded('ERR_IPC_EMPTY'));
  });

  test('is not said to a process that waits asynchronously and may itself put something in, as long as nobody else had the queue', async () => {
    const ours = Queue.create<string>(lab.memory(0));
    const [first, second] = [ours.getAsync(), ours.getAsync()];
    await looksAround(lab, 0);
    ours.put('one');
    ours.put('two');
    expect(await Promise.all([first, second])).toEqual(['one', 'two']);
    expect(() => ours.get()).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
  });

  test('is not said to two who both wait asynchronously, of whom either may put something in', async () => {
    const [ours, theirs] = queueOf<string>(lab);
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
    expect(() => ours.get()).toThrow(coded('ERR_IPC_NOBODY_LEFT'));
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
