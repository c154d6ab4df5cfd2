/** Queues between two processes of a shared lab. */
import { Queue } from '#src/primitives/queue.js';
import type { SharedLab } from '../shared-lab.ts';

/** A queue as the first process sees it, and as the second does. */
export function queueOf<T>(lab: SharedLab, options = {}): [Queue<T>, Queue<T>] {
  const ours = Queue.create<T>(lab.memory(0), options);
  return [ours, lab.send(ours, 0, 1)];
}
