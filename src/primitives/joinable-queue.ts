/**
 * A queue that counts what is done.
 *
 * ```
 * cell 0 done      messages ever reported as done, or thrown away by a shutdown, modulo 2^32; after the header of all shared objects
 * ```
 *
 * What is not done yet is what was ever put in, which the ring counts in the very store that makes a message visible, less `done`: there is no
 * second count that a producer killed in between could leave one too high, and none that a quick consumer could find one too low.
 */
import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { type AsyncWaitOptions, type Condition, refuseNoOptions } from '../memory/waiting.ts';
import { bodyCell, KIND } from './primitive.ts';
import { Queue, type QueueOptions } from './queue.ts';

const EVERYBODY = 2 ** 31 - 1;

/** A {@link Queue} whose consumers say when they are done with a message, and that one can wait for to be done with. */
export class JoinableQueue<T = unknown> extends Queue<T> {
  override readonly kind = 'JoinableQueue';
  readonly #done: number;

  private constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.#done = bodyCell(offset);
  }

  /** Makes an empty queue. @param start as in {@link initializeChannel} @internal */
  static override create<T>(memory: LabMemory, options: QueueOptions = {}, start = 0): JoinableQueue<T> {
    const handle = (offset: number): JoinableQueue<T> => {
      memory.cells.store(bodyCell(offset), start);
      return new JoinableQueue<T>(memory, offset);
    };
    return Queue.make(memory, KIND.joinableQueue, options, start, handle);
  }

  /** @internal */
  static override attach(memory: LabMemory, offset: number): JoinableQueue {
    return new JoinableQueue(memory, offset);
  }

  /** How many messages were put in and not reported as done. */
  get unfinished(): number {
    return Math.max(0, (this.pushed - this.cells.load(this.#done)) | 0);
  }

  /** Says that one message that was taken out is done with. @throws IpcError `ERR_IPC_RELEASED_TOO_OFTEN` when all are already */
  taskDone(): void {
    const { cells } = this;
    for (;;) {
      const done = cells.load(this.#done);
      if (((this.pushed - done) | 0) <= 0) {
        throw new IpcError(
          'ERR_IPC_RELEASED_TOO_OFTEN',
          `taskDone() was called for more messages than were put into ${this.name}`,
          { hint: 'Call it once for each message that was taken out.' },
        );
      }
      if (cells.compareExchange(this.#done, done, (done + 1) | 0) !== done) continue;
      if (this.unfinished === 0) this.memory.waiter.wake(this.#done, EVERYBODY);
      return;
    }
  }

  /**
   * Blocks until all that was put in is done with. Returns false when `timeoutMs` passed first.
   * @throws IpcError `ERR_IPC_NOBODY_LEFT` when nobody is left who could call {@link taskDone}; `ERR_IPC_CLOSED`
   */
  join(timeoutMs?: number): boolean {
    return this.memory.waiter.block(this.#finished(timeoutMs, false), timeoutMs) === true;
  }

  /** As {@link join}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async joinAsync(options: AsyncWaitOptions = {}): Promise<boolean> {
    refuseNoOptions(options);
    return (await this.memory.waiter.blockAsync(this.#finished(options.timeoutMs, true), options)) === true;
  }

  /** @internal */
  protected override discarded(): void {
    // Its consumer will never come.
    this.taskDone();
  }

  #finished(timeoutMs: number | undefined, asynchronous: boolean): Condition<true> {
    const condition: Condition<true> = {
      verb: 'wait',
      target: this[SHARED_OBJECT],
      cell: this.#done,
      expected: 0,
      attempt: () => {
        condition.expected = this.cells.load(this.#done);
        return this.unfinished === 0 ? true : undefined;
      },
      check: (thorough) => {
        if (this.unfinished > 0)
          this.checkFinishers({ timeoutMs, asynchronous }, thorough, () => this.unfinished === 0);
      },
    };
    return condition;
  }
}
