import { expect, test, vi } from 'vitest';
import { JoinableQueue } from '#src/primitives/joinable-queue.js';
import { SharedLab } from '../shared-lab.ts';

test('who waits for all to be done with is not told that nobody is left by who has done the last and waits for more', () => {
  using lab = new SharedLab(2);
  const memory = lab.memory(0);
  const queue = JoinableQueue.create<number>(memory);
  const theirs = lab.send(queue, 0, 1);
  queue.put(1);
  theirs.get();
  const target = memory.objects.referenceOf(queue) ?? 0;
  // In the middle of the look at what the other waits for, it has done the last one, and waits for more.
  const waiting = vi.spyOn(memory.slots, 'waiting').mockImplementation(() => {
    if (theirs.unfinished > 0) theirs.taskDone();
    return { verb: 'get', target, asynchronous: false, cell: 0, sinceMs: 0 };
  });
  expect(queue.join()).toBe(true);
  expect(waiting).toHaveBeenCalled();
});
