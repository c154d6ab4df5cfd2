import type { AsyncWaitOptions } from '../memory/waiting.ts';

/** What all queues have in common, in whatever order messages come out of them. */
export interface QueueLike<T> {
  /** How many messages it may hold; Infinity when nothing but memory bounds it. */
  readonly capacity: number;
  /** How many messages are in it, as of a moment ago. */
  readonly size: number;
  put(value: T, timeoutMs?: number): void;
  tryPut(value: T): boolean;
  putAsync(value: T, options?: AsyncWaitOptions): Promise<void>;
  get(timeoutMs?: number): T;
  tryGet(): T | undefined;
  getAsync(options?: AsyncWaitOptions): Promise<T>;
  shutdown(immediate?: boolean): void;
}
