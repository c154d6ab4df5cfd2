/** The process that a manager is: it owns the objects and does what clients ask, one request after the other. */
import { type IpcError, isIpcError } from '../core/errors.ts';
import { HEADER } from '../memory/layout.ts';
import { SLOT_STATE } from '../memory/slot-layout.ts';
import { Primitive } from '../primitives/primitive.ts';
import type { Queue } from '../primitives/queue.ts';
import { Tuple } from '../primitives/tuple.ts';
import { FAILED, type FailureMessage, HELLO, MANAGER_OBJECT, OK } from './protocol.ts';
import { ServedDict } from './served-dict.ts';

/** How often a server looks after replies that found no room. */
const BACKLOG_MS = 1;

type Request = readonly [client: number, number: number, object: number, method: string, ...rest: unknown[]];
type Hello = readonly [hello: typeof HELLO, client: number, replies: Queue];

/** Serves until nobody is left who could ask. Runs in a process of its own. */
export function serve(requests: Queue): void {
  new Server(requests).run();
}

class Server {
  readonly #requests: Queue;
  readonly #clients = new Map<number, Queue>();
  readonly #objects = new Map<number, ServedDict>();
  /** Replies that found no room, per client: a client that does not read must not keep the others waiting. */
  readonly #backlog = new Map<number, Tuple[]>();
  /** How many processes had ended when it last looked for clients among them. */
  #seenEnds = 0;
  #lastObject = MANAGER_OBJECT;
  #ended = false;

  constructor(requests: Queue) {
    this.#requests = requests;
  }

  run(): void {
    while (!this.#ended) {
      const request = this.#next();
      if (request === 'nobody left') return;
      if (request !== undefined) this.#handle(request as Request | Hello);
      this.#forgetTheDead();
      if (this.#backlog.size > 0) this.#sendBacklog();
    }
  }

  #next(): unknown {
    try {
      return this.#requests.get(this.#backlog.size > 0 ? BACKLOG_MS : undefined);
    } catch (error) {
      if (isIpcError(error, 'ERR_IPC_EMPTY')) return undefined;
      if (isIpcError(error, 'ERR_IPC_NOBODY_LEFT')) return 'nobody left';
      throw error;
    }
  }

  #handle(request: Request | Hello): void {
    if (request[0] === HELLO) {
      const [, client, replies] = request as Hello;
      // It may have ended before it was heard.
      this.#seenEnds = -1;
      this.#clients.set(client, replies);
      return;
    }
    const [client, number, object, method, ...args] = request as Request;
    this.#reply(client, this.#outcome(number, object, method, args));
  }

  #outcome(number: number, object: number, method: string, args: unknown[]): Tuple {
    try {
      return new Tuple(number, OK, this.#perform(object, method, args));
    } catch (error) {
      return new Tuple(number, FAILED, failureMessage(error));
    }
  }

  #perform(object: number, method: string, args: unknown[]): unknown {
    if (object === MANAGER_OBJECT) return this.#administer(method, args);
    const served = this.#objects.get(object);
    if (served === undefined) throw new Error(`the manager has no object ${object}`);
    switch (method) {
      case 'get':
        return served.get(args[0]);
      case 'set':
        return served.set(args[0], args[1]);
      case 'has':
        return served.has(args[0]);
      case 'delete':
        return served.delete(args[0]);
      case 'size':
        return served.size();
      case 'entries':
        return served.entries();
      case 'keys':
        return served.keys();
      case 'values':
        return served.values();
      case 'clear':
        return served.clear();
      case 'pop':
        return served.pop(args[0], args[1] === true, args[2]);
      case 'setDefault':
        return served.setDefault(args[0], args[1]);
      case 'update':
        return served.update(args[0] as [unknown, unknown][]);
      default:
        throw new Error(`a dict has no method ${method}`);
    }
  }

  #administer(method: string, args: unknown[]): unknown {
    switch (method) {
      case 'createDict':
        this.#objects.set(++this.#lastObject, new ServedDict());
        return this.#lastObject;
      case 'drop':
        return this.#objects.delete(Number(args[0]));
      case 'shutdown':
        this.#ended = true;
        return undefined;
      default:
        throw new Error(`a manager has no method ${method}`);
    }
  }

  /** Frees the queues of clients that have ended: a manager may live through thousands of them. Looks only if somebody has ended. */
  #forgetTheDead(): void {
    const { cells, slots } = Primitive.memoryOf(this.#requests);
    const ends = cells.load(HEADER.ends);
    if (ends === this.#seenEnds) return;
    this.#seenEnds = ends;
    for (const [client, replies] of this.#clients) {
      if (slots.state(client) !== SLOT_STATE.ended) continue;
      replies.close();
      this.#clients.delete(client);
      this.#backlog.delete(client);
    }
  }

  #reply(client: number, reply: Tuple): void {
    const replies = this.#clients.get(client);
    const waiting = this.#backlog.get(client);
    if (waiting !== undefined) waiting.push(reply);
    else if (replies !== undefined && !sent(replies, reply)) this.#backlog.set(client, [reply]);
  }

  #sendBacklog(): void {
    for (const [client, waiting] of this.#backlog) {
      const replies = this.#clients.get(client);
      let count = 0;
      if (replies?.anyoneElse === true) {
        while (count < waiting.length && sent(replies, waiting[count] as Tuple)) count++;
      } else {
        // Nobody will ever read them.
        count = waiting.length;
      }
      waiting.splice(0, count);
      if (waiting.length === 0) this.#backlog.delete(client);
    }
  }
}

/** Puts a reply into a client's queue if there is room. One that cannot be sent at all is a failure of that request, not of the server. */
function sent(replies: Queue, reply: Tuple): boolean {
  try {
    return replies.tryPut(reply);
  } catch (error) {
    return replies.tryPut(new Tuple(reply.values[0], FAILED, failureMessage(error)));
  }
}

function failureMessage(error: unknown): FailureMessage {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: undefined, hint: undefined };
  const known: Partial<IpcError> = isIpcError(error) ? error : {};
  return { name: error.name, message: error.message, code: known.code, hint: known.hint };
}
