import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { OrderedQueue } from './ordered-queue.ts';
import type { OrderedQueueOptions } from './ordered-store.ts';
import type { Before } from './ordered-table.ts';
import { KIND } from './primitive.ts';

/** The smallest number comes out first, and of equal ones the oldest. */
const smallestFirst: Before = (priority, sequence, other, otherSequence) =>
  priority < other || (priority === other && sequence < otherSequence);

/**
 * A queue of pairs of a number and a value, of which the one with the smallest number comes out first; those with the same number in the order
 * in which they were put in. As Python's `queue.PriorityQueue` with tuples, but that values are never compared.
 */
export class PriorityQueue<T = unknown> extends OrderedQueue<readonly [priority: number, value: T]> {
  readonly kind = 'PriorityQueue';

  /** Makes an empty queue. @internal */
  static create<T>(memory: LabMemory, options: OrderedQueueOptions = {}): PriorityQueue<T> {
    const attach = (offset: number): PriorityQueue<T> => new PriorityQueue<T>(memory, offset, smallestFirst);
    return OrderedQueue.begin(memory, KIND.priorityQueue, options, attach);
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): PriorityQueue {
    return new PriorityQueue(memory, offset, smallestFirst);
  }

  /** @internal */
  protected override partsOf(value: readonly [priority: number, value: T]): { body: unknown; priority: number } {
    if (Array.isArray(value) && value.length === 2) {
      const [priority, body]: readonly [unknown, T] = value as unknown as readonly [unknown, T];
      if (typeof priority === 'number' && !Number.isNaN(priority)) return { body, priority };
    }
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${this.name} takes pairs of a number and a value`, {
      hint: 'Put in [priority, value]; the smallest priority comes out first.',
    });
  }

  /** @internal */
  protected override valueFrom(body: unknown, priority: number): readonly [priority: number, value: T] {
    return [priority, body as T];
  }
}
