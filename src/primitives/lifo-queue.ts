import type { LabMemory } from '../memory/lab-memory.ts';
import { OrderedQueue } from './ordered-queue.ts';
import type { OrderedQueueOptions } from './ordered-store.ts';
import type { Before } from './ordered-table.ts';
import { KIND } from './primitive.ts';

/** What came last comes out first. */
const newestFirst: Before = (_priority, sequence, _other, otherSequence) => sequence > otherSequence;

/** A queue whose last message comes out first, between processes. As Python's `queue.LifoQueue`. */
export class LifoQueue<T = unknown> extends OrderedQueue<T> {
  readonly kind = 'LifoQueue';

  /** Makes an empty queue. @internal */
  static create<T>(memory: LabMemory, options: OrderedQueueOptions = {}): LifoQueue<T> {
    return OrderedQueue.begin(
      memory,
      KIND.lifoQueue,
      options,
      (offset) => new LifoQueue<T>(memory, offset, newestFirst),
    );
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): LifoQueue {
    return new LifoQueue(memory, offset, newestFirst);
  }

  /** @internal */
  protected override partsOf(value: T): { body: unknown; priority: number } {
    return { body: value, priority: 0 };
  }

  /** @internal */
  protected override valueFrom(body: unknown): T {
    return body as T;
  }
}
