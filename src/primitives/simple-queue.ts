import type { LabMemory } from '../memory/lab-memory.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
import { Queue } from './queue.ts';

/** As much as a pipe of the operating system takes before its writer waits. */
const SIZE_BYTES = 64 * 1024;

/** A {@link Queue} as small as Python's: no capacity to choose, and `put` waits for a reader once 64 KiB are in it. */
export class SimpleQueue<T = unknown> extends Queue<T> {
  override readonly kind = 'SimpleQueue';

  /** Makes an empty queue. @internal */
  static override create<T>(memory: LabMemory, { name }: PrimitiveOptions = {}): SimpleQueue<T> {
    const options = { name, sizeBytes: SIZE_BYTES };
    return Queue.make(memory, KIND.simpleQueue, options, 0, (offset) => new SimpleQueue<T>(memory, offset));
  }

  /** @internal */
  static override attach(memory: LabMemory, offset: number): SimpleQueue {
    return new SimpleQueue(memory, offset);
  }

  /** Whether nothing is in it, as of a moment ago. @throws IpcError `ERR_IPC_CLOSED` */
  empty(): boolean {
    return this.size === 0;
  }
}
