import { IpcError } from '../core/errors.ts';
import { refuseNoTimeout } from '../memory/timeout.ts';
import { Patience } from '../memory/patience.ts';
import type { WaitVerb } from '../memory/slot-layout.ts';
import { type AsyncWaitOptions, type Condition as Wait, refuseNoOptions } from '../memory/waiting.ts';
import { discardMessage, messageOf, valueOf } from './message.ts';
import { OrderedStore, type Prepared, type Taken } from './ordered-store.ts';
import { OrderedTable } from './ordered-table.ts';
import type { QueueLike } from './queue-like.ts';
import { LOOKS } from './unowned.ts';

type Verb = Extract<WaitVerb, 'put' | 'get' | 'wait'>;

const ACTS: Readonly<Record<Verb, string>> = {
  put: 'take anything out of',
  get: 'put anything into',
  wait: 'finish what was put into',
};

/** A queue whose messages come out in another order than they went in: how one waits for it. */
export abstract class OrderedQueue<T> extends OrderedStore implements QueueLike<T> {
  readonly #patience: Readonly<Record<Verb, Patience>> = {
    put: new Patience(LOOKS),
    get: new Patience(LOOKS),
    wait: new Patience(LOOKS),
  };
  /** What the wait is for that is being looked at. */
  #waitsTo: Verb = 'get';

  /** What of a value is the message, and how urgent it is. @internal */
  protected abstract partsOf(value: T): { readonly body: unknown; readonly priority: number };

  /** The opposite of {@link partsOf}. @internal */
  protected abstract valueFrom(body: unknown, priority: number): T;

  /**
   * Puts a message in; blocks while it is full.
   * @throws IpcError `ERR_IPC_FULL` when `timeoutMs` passed first; `ERR_IPC_SHUT_DOWN`; `ERR_IPC_NOT_CLONEABLE`; `ERR_IPC_NOBODY_LEFT`;
   * `ERR_IPC_OUT_OF_MEMORY`; `ERR_IPC_CLOSED`
   */
  put(value: T, timeoutMs?: number): void {
    refuseNoTimeout(timeoutMs);
    const prepared = this.#prepare(value);
    const put = this.#orGiveBack(prepared, () =>
      this.push(prepared) ? true : this.memory.waiter.block(this.#room(prepared, timeoutMs, false), timeoutMs),
    );
    if (put !== true) throw this.#full(prepared, timeoutMs);
  }

  /** Puts a message in if it is not full; never waits. */
  tryPut(value: T): boolean {
    const prepared = this.#prepare(value);
    const put = this.#orGiveBack(prepared, () => this.push(prepared));
    if (!put) this.#giveBackMessage(prepared);
    return put;
  }

  /** As {@link put}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async putAsync(value: T, options: AsyncWaitOptions = {}): Promise<void> {
    refuseNoOptions(options);
    const { timeoutMs } = options;
    const prepared = this.#prepare(value);
    let put: true | undefined;
    try {
      if (this.push(prepared)) return;
      put = await this.memory.waiter.blockAsync(this.#room(prepared, timeoutMs, true), options);
    } catch (error) {
      this.#giveBackMessage(prepared);
      throw error;
    }
    if (put !== true) throw this.#full(prepared, timeoutMs);
  }

  /**
   * Takes the next message out; blocks while there is none.
   * @throws IpcError `ERR_IPC_EMPTY` when `timeoutMs` passed first; `ERR_IPC_SHUT_DOWN`; `ERR_IPC_NOBODY_LEFT`; `ERR_IPC_CLOSED`
   */
  get(timeoutMs?: number): T {
    refuseNoTimeout(timeoutMs);
    const taken = this.take() ?? this.memory.waiter.block(this.#something(timeoutMs, false), timeoutMs);
    return this.#valueOf(taken, timeoutMs);
  }

  /** Takes the next message out if there is one, else returns undefined; never waits. @throws IpcError `ERR_IPC_SHUT_DOWN` */
  tryGet(): T | undefined {
    const taken = this.take();
    return taken === undefined ? undefined : this.#valueOf(taken, 0);
  }

  /** As {@link get}, without blocking the event loop. @throws IpcError also `ERR_IPC_ABORTED` */
  async getAsync(options: AsyncWaitOptions = {}): Promise<T> {
    refuseNoOptions(options);
    const { timeoutMs } = options;
    const taken = this.take() ?? (await this.memory.waiter.blockAsync(this.#something(timeoutMs, true), options));
    return this.#valueOf(taken, timeoutMs);
  }

  /**
   * Blocks until all that was put in is done with. Returns false when `timeoutMs` passed first.
   * @throws IpcError `ERR_IPC_NOBODY_LEFT`, `ERR_IPC_CLOSED`
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
  protected override nobodyLeft(): IpcError {
    const verb = this.#waitsTo;
    return new IpcError('ERR_IPC_NOBODY_LEFT', `nobody is left who could ${ACTS[verb]} ${this.name}`, {
      hint: 'Every other process that had it has ended or waits for the same.',
    });
  }

  #prepare(value: T): Prepared {
    this.refuseClosed();
    const { body, priority } = this.partsOf(value);
    return { message: messageOf(body, this.memory, OrderedTable.mostBytes, 'the message'), priority };
  }

  #room(prepared: Prepared, timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    return this.#wait('put', this.takeCell, timeoutMs, asynchronous, () => (this.push(prepared) ? true : undefined));
  }

  #something(timeoutMs: number | undefined, asynchronous: boolean): Wait<Taken> {
    return this.#wait('get', this.putCell, timeoutMs, asynchronous, () => this.take());
  }

  #finished(timeoutMs: number | undefined, asynchronous: boolean): Wait<true> {
    return this.#wait('wait', this.doneCell, timeoutMs, asynchronous, () => (this.unfinished === 0 ? true : undefined));
  }

  #wait<R>(
    verb: Verb,
    cell: number,
    timeoutMs: number | undefined,
    asynchronous: boolean,
    attempt: () => R | undefined,
  ): Wait<R> {
    const wait: Wait<R> = this.waiting({
      verb,
      cell,
      expected: 0,
      patience: this.#patience[verb],
      timeoutMs,
      asynchronous,
      attempt: () => {
        // Read before the attempt: a change in between must not be slept through.
        wait.expected = this.cells.load(cell);
        return attempt();
      },
      check: () => {
        this.#waitsTo = verb;
      },
    });
    return wait;
  }

  #valueOf(taken: Taken | undefined, timeoutMs: number | undefined): T {
    if (taken === undefined) throw new IpcError('ERR_IPC_EMPTY', `${this.name} had no message within ${timeoutMs} ms`);
    return this.valueFrom(valueOf(taken.received, this.memory), taken.priority);
  }

  #orGiveBack<R>(prepared: Prepared, act: () => R): R {
    try {
      return act();
    } catch (error) {
      this.#giveBackMessage(prepared);
      throw error;
    }
  }

  #giveBackMessage({ message }: Prepared): void {
    discardMessage(message, this.memory);
  }

  #full(prepared: Prepared, timeoutMs: number | undefined): IpcError {
    this.#giveBackMessage(prepared);
    return new IpcError(
      'ERR_IPC_FULL',
      `${this.name} had no room for the message within ${timeoutMs} ms: ${this.size} messages are in it`,
    );
  }
}
