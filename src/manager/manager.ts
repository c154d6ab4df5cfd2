import type { LabMemory } from '../memory/lab-memory.ts';
import { STAYS } from '../memory/codec.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { bodyCell, KIND, type Primitive, type PrimitiveOptions } from '../primitives/primitive.ts';
import { Queue } from '../primitives/queue.ts';
import type { FunctionReference } from '../process/function-reference.ts';
import type { Process } from '../process/process.ts';
import { ManagerClient, serverGone } from './client.ts';
import { Dict, type DictEntries } from './dict.ts';
import { MANAGER_OBJECT } from './protocol.ts';

/** How long a server that was asked to end may take, behind the requests that came before. */
const SHUTDOWN_PATIENCE_MS = 1000;

/** What a manager's process runs. */
export const SERVE: FunctionReference = {
  module: new URL('../manager/server.js', import.meta.url).href,
  name: 'serve',
};

/** Hears of a proxy that was made. */
type Own = (proxy: Primitive) => void;

/** A process's connections to managers, one each, made when a proxy first needs it. */
export class ManagerClients {
  readonly #memory: LabMemory;
  readonly #clients = new Map<number, ManagerClient>();

  private constructor(memory: LabMemory) {
    this.#memory = memory;
  }

  /** Says how proxies are attached in this process, and returns the connections that they will share. */
  static register(memory: LabMemory): ManagerClients {
    const clients = new ManagerClients(memory);
    memory.objects.register(KIND.dict, {
      attach: (offset) => {
        const { requests, server } = Dict.managerOf(memory, offset);
        return new Dict(memory, offset, clients.connect(requests, server));
      },
      free: (offset) => {
        const { requests, object } = Dict.managerOf(memory, offset);
        clients
          .known(requests)
          ?.callAsync(MANAGER_OBJECT, 'drop', object)
          .catch(() => {});
        memory.objects.unrefer(bodyCell(offset));
      },
    });
    return clients;
  }

  /** @param requests reference to the manager's queue. @param server slot id of its process. */
  connect(requests: number, server: number): ManagerClient {
    let client = this.#clients.get(requests);
    if (client === undefined) {
      client = new ManagerClient(this.#memory, this.#memory.objects.hold(requests) as Queue, server);
      this.#clients.set(requests, client);
    }
    return client;
  }

  /** The connection to a manager if there is one already. @param requests as in {@link connect} */
  known(requests: number): ManagerClient | undefined {
    return this.#clients.get(requests);
  }

  /** Gives up the connection to a manager that has ended, if there is one. @param requests as in {@link connect} */
  disconnect(requests: number): void {
    this.#clients.get(requests)?.close();
    this.#clients.delete(requests);
  }
}

/**
 * A server process that owns objects for all others. Slower than shared memory, but it holds any value of any size, and every method
 * of its objects is one step that no other process can come between. It ends with the lab.
 */
export class Manager {
  /** The server process. */
  readonly process: Process;
  readonly #memory: LabMemory;
  readonly #clients: ManagerClients;
  readonly #requests: Queue;
  readonly #own: Own;

  /** @internal */
  get [STAYS](): string {
    return 'a Manager is for the process that made it: send the dictionaries that it makes';
  }

  toString(): string {
    return `Manager of ${this.process.toString()}`;
  }

  toJSON(): string {
    return this.toString();
  }

  /** What `console.log` shows. @internal */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** @param own hears of each proxy that is made. @param start makes and starts the server's process. @internal */
  constructor(memory: LabMemory, clients: ManagerClients, own: Own, start: (requests: Queue) => Process) {
    this.#own = own;
    this.#memory = memory;
    this.#clients = clients;
    this.#requests = Queue.create(memory, { name: 'requests' });
    this.process = start(this.#requests);
  }

  /**
   * Makes a dictionary, empty or with entries: pairs, a map, or an object, whose keys are strings.
   * @throws IpcError `ERR_IPC_SERVER_GONE`, `ERR_IPC_NOT_CLONEABLE`, `ERR_IPC_INVALID_ARGUMENT` for a key that is no string, number, bigint or boolean
   */
  dict<K = string | number, V = unknown>(entries?: DictEntries<K, V>, options?: PrimitiveOptions): Dict<K, V> {
    if (this.#requests.closed) throw serverGone();
    const requests = this.#requests[SHARED_OBJECT];
    const dict = Dict.create<K, V>(
      this.#memory,
      requests,
      this.#clients.connect(requests, this.process.slot ?? 0),
      options,
    );
    if (entries !== undefined) dict.update(entries);
    this.#own(dict);
    return dict;
  }

  /** Ends the server: its objects are gone, and every use of a proxy throws `ERR_IPC_SERVER_GONE`. Idempotent. */
  shutdown(): void {
    if (this.process.isAlive) this.#endServer();
    // The queues are of no use to anybody.
    this.#clients.disconnect(this.#requests[SHARED_OBJECT]);
    this.#requests.close();
  }

  #endServer(): void {
    const client = this.#clients.connect(this.#requests[SHARED_OBJECT], this.process.slot ?? 0);
    client.callAsync(MANAGER_OBJECT, 'shutdown').catch(() => {});
    if (this.process.join(SHUTDOWN_PATIENCE_MS)) return;
    this.process.terminate();
    this.process.join();
  }
}
