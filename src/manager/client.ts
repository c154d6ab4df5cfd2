import { type ErrorCode, IpcError, isIpcError } from '../core/errors.ts';
import type { ValueLabel } from '../memory/codec.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { Queue } from '../primitives/queue.ts';
import { Tuple } from '../primitives/tuple.ts';
import { FAILED, type FailureMessage, HELLO } from './protocol.ts';

type Reply = readonly [number: number, status: number, value: unknown];

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** What stands before the arguments of a request. */
const REQUEST_HEADER = 4;

class Request extends Tuple {
  override get label(): ValueLabel {
    return requestLabel;
  }
}

/**
 * A process's connection to a manager: asks and waits, or asks and goes on. All proxies of that manager in the process share it. Replies may
 * come for others than the one who waits; whoever takes one out passes it on.
 */
export class ManagerClient {
  readonly server: number;
  readonly #memory: LabMemory;
  readonly #requests: Queue;
  readonly #replies: Queue;
  readonly #pending = new Map<number, Pending>();
  #lastNumber = 0;
  #listening = false;
  /** Ends the asynchronous wait for a reply, while there is one. */
  #expecting: AbortController | undefined;

  /** @param server slot id of the manager's process. */
  constructor(memory: LabMemory, requests: Queue, server: number) {
    this.#memory = memory;
    this.#requests = requests;
    this.server = server;
    this.#replies = Queue.create(memory);
    this.#replies.dependOn(server);
    requests.dependOn(server);
    this.#translated(() => requests.put([HELLO, memory.self, this.#replies]));
  }

  /** Asks the manager and blocks until it has answered. @throws IpcError `ERR_IPC_SERVER_GONE`, and whatever the method throws there */
  call(object: number, method: string, ...args: unknown[]): unknown {
    const number = this.#nextNumber();
    if (this.#requests.closed) throw this.#gone(undefined);
    return this.#translated(() => {
      this.#requests.put(new Request(this.#memory.self, number, object, method, ...args));
      for (;;) {
        const reply = this.#replies.get() as Reply;
        if (reply[0] === number) return valueOf(reply);
        this.#settle(reply);
      }
    });
  }

  /** As {@link call}, without waiting: any number of requests may be under way. */
  callAsync(object: number, method: string, ...args: unknown[]): Promise<unknown> {
    const number = this.#nextNumber();
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { resolve, reject });
      this.#send(new Request(this.#memory.self, number, object, method, ...args)).catch((error: Error) => {
        reject(this.#gone(error));
        this.#forget(number);
      });
      if (!this.#listening) void this.#listen();
    });
  }

  /** Gives up the queues: the manager has ended. Whoever still asks is told so. */
  close(): void {
    this.#replies.close();
    this.#requests.close();
  }

  #send(request: Tuple): Promise<void> {
    // Asking the operating system each time would cost more than the request.
    if (this.#memory.slots.state(this.server) === SLOT_STATE.ended) return Promise.reject(this.#gone(undefined));
    return this.#requests.putAsync(request);
  }

  async #listen(): Promise<void> {
    this.#listening = true;
    try {
      // What was asked in this turn of the event loop goes out before the first reply is waited for.
      await Promise.resolve();
      while (this.#pending.size > 0) {
        this.#settle((this.#replies.tryGet() ?? (await this.#nextReply())) as Reply | undefined);
      }
    } catch (error) {
      for (const { reject } of this.#pending.values()) reject(this.#gone(error));
      this.#pending.clear();
    } finally {
      this.#listening = false;
    }
  }

  /** Undefined when none is expected any more: whoever waited has got it in another way, or was never heard. */
  async #nextReply(): Promise<unknown> {
    const { signal } = (this.#expecting = new AbortController());
    try {
      return await this.#replies.getAsync({ signal });
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      this.#expecting = undefined;
    }
  }

  #forget(number: number): void {
    this.#pending.delete(number);
    if (this.#pending.size === 0) this.#expecting?.abort();
  }

  #settle(reply: Reply | undefined): void {
    if (reply === undefined) return;
    const pending = this.#pending.get(reply[0]);
    this.#forget(reply[0]);
    try {
      pending?.resolve(valueOf(reply));
    } catch (error) {
      pending?.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #nextNumber(): number {
    this.#lastNumber = (this.#lastNumber + 1) | 0;
    return this.#lastNumber;
  }

  #translated<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#gone(error);
    }
  }

  /** Nobody left at the other end of the queues, or no queue any more, means one thing here. */
  #gone(error: unknown): Error {
    const gone = isIpcError(error, 'ERR_IPC_NOBODY_LEFT') || isIpcError(error, 'ERR_IPC_CLOSED');
    if (error instanceof Error && !gone) return error;
    return serverGone(error);
  }
}

/** Says that a manager has ended. */
export function serverGone(cause?: unknown): IpcError {
  return new IpcError('ERR_IPC_SERVER_GONE', 'the manager that holds the object has ended', {
    hint: 'What it held is gone with it. Keep the manager running as long as its proxies are used.',
    cause,
  });
}

/** Where in a request the trouble sits, as who called the method sees it. */
function requestLabel(path: string): string {
  const [, index, inside] = /^\[(\d+)\](.*)$/s.exec(path) ?? [];
  if (index === undefined) return 'an argument';
  return `argument ${Number(index) - REQUEST_HEADER + 1}${inside === '' ? '' : ` (at ${inside})`}`;
}

function valueOf([, status, value]: Reply): unknown {
  if (status !== FAILED) return value;
  const { name, message, code, hint } = value as FailureMessage;
  if (code !== undefined) throw new IpcError(code as ErrorCode, message, { hint });
  const error = new Error(message);
  error.name = name;
  throw error;
}
