import { IpcError, isIpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { bodyCell, INSPECT, KIND, Primitive, type PrimitiveOptions } from '../primitives/primitive.ts';
import type { ManagerClient } from './client.ts';
import { MANAGER_OBJECT } from './protocol.ts';

/** What a dictionary can be filled from. */
export type DictEntries<K, V> = Iterable<readonly [K, V]> | Readonly<Record<string, V>>;

// Cells of the body.
const REQUESTS = 0;
const SERVER = 1;
const OBJECT = 2;

/**
 * A dictionary that lives in a manager's process; this is a proxy, and every method asks the manager. Values are copied on their way: what
 * `get` returns is a copy, and changing it changes nothing there. Reading a value and writing it back are two requests; hold a lock
 * around them where another process may come between.
 *
 * Keys are strings, numbers, bigints or booleans; others are refused with `ERR_IPC_INVALID_ARGUMENT`. Each method blocks until the manager has
 * answered, and has a twin that returns a promise; such requests do not wait for each other.
 * All throw `ERR_IPC_SERVER_GONE` when the manager has ended.
 */
export class Dict<K = string | number, V = unknown> extends Primitive implements Iterable<[K, V]> {
  readonly kind = 'Dict';
  readonly #client: ManagerClient;
  readonly #object: number;

  /** @internal */
  constructor(memory: LabMemory, offset: number, client: ManagerClient) {
    super(memory, offset);
    this.#client = client;
    this.#object = memory.cells.load(bodyCell(offset) + OBJECT);
  }

  /** @param requests reference to the manager's queue. @internal */
  static create<K, V>(
    memory: LabMemory,
    requests: number,
    client: ManagerClient,
    options: PrimitiveOptions = {},
  ): Dict<K, V> {
    const object = Number(client.call(MANAGER_OBJECT, 'createDict'));
    return memory.objects.create(KIND.dict, 12, options.name, (offset) => {
      memory.objects.refer(bodyCell(offset) + REQUESTS, requests);
      memory.cells.store(bodyCell(offset) + SERVER, client.server);
      memory.cells.store(bodyCell(offset) + OBJECT, object);
      return new Dict<K, V>(memory, offset, client);
    });
  }

  /** The manager's queue and slot, as a dict in shared memory names them. @internal */
  static managerOf(
    memory: LabMemory,
    offset: number,
  ): { readonly requests: number; readonly server: number; readonly object: number } {
    return {
      object: memory.cells.load(bodyCell(offset) + OBJECT),
      requests: memory.cells.load(bodyCell(offset) + REQUESTS) >>> 0,
      server: memory.cells.load(bodyCell(offset) + SERVER),
    };
  }

  /** The value of a key, or undefined. */
  get(key: K): V | undefined {
    return this.#call('get', key) as V | undefined;
  }
  getAsync(key: K): Promise<V | undefined> {
    return this.#callAsync('get', key) as Promise<V | undefined>;
  }

  /** Stores a value under a key. @throws IpcError `ERR_IPC_NOT_CLONEABLE` */
  set(key: K, value: V): void {
    this.#call('set', key, value);
  }
  async setAsync(key: K, value: V): Promise<void> {
    await this.#callAsync('set', key, value);
  }

  /** Tells whether a key is there. */
  has(key: K): boolean {
    return this.#call('has', key) as boolean;
  }
  hasAsync(key: K): Promise<boolean> {
    return this.#callAsync('has', key) as Promise<boolean>;
  }

  /** Removes a key; tells whether it was there. */
  delete(key: K): boolean {
    return this.#call('delete', key) as boolean;
  }
  deleteAsync(key: K): Promise<boolean> {
    return this.#callAsync('delete', key) as Promise<boolean>;
  }

  /** How many entries it has. */
  get size(): number {
    return this.#call('size') as number;
  }
  sizeAsync(): Promise<number> {
    return this.#callAsync('size') as Promise<number>;
  }

  /** A copy of all entries, in the order in which their keys came. */
  entries(): [K, V][] {
    return this.#call('entries') as [K, V][];
  }
  entriesAsync(): Promise<[K, V][]> {
    return this.#callAsync('entries') as Promise<[K, V][]>;
  }

  /** A copy of all keys, in the order in which they came. */
  keys(): K[] {
    return this.#call('keys') as K[];
  }
  keysAsync(): Promise<K[]> {
    return this.#callAsync('keys') as Promise<K[]>;
  }

  /** A copy of all values, in the order in which their keys came. */
  values(): V[] {
    return this.#call('values') as V[];
  }
  valuesAsync(): Promise<V[]> {
    return this.#callAsync('values') as Promise<V[]>;
  }

  /** @internal */
  override shownContents(): unknown {
    try {
      return Object.fromEntries(this.entries());
    } catch (error) {
      if (isIpcError(error, 'ERR_IPC_SERVER_GONE')) return 'gone with its manager';
      throw error;
    }
  }

  /** @internal */
  protected override shownText(): string {
    const contents = this.shownContents();
    if (typeof contents !== 'object' || contents === null) return `${this.kind} (${String(contents)})`;
    const pairs = Object.entries(contents).map(([key, value]) => `${key}: ${String(value)}`);
    return `${this.kind}(${pairs.join(', ')})`;
  }

  override toJSON(): unknown {
    return this.closed ? this.toString() : this.shownContents();
  }

  /** @internal */
  override [INSPECT](): unknown {
    return this.closed ? this.toString() : this.shownContents();
  }

  /** Removes all entries. */
  clear(): void {
    this.#call('clear');
  }
  async clearAsync(): Promise<void> {
    await this.#callAsync('clear');
  }

  /** Removes a key and returns its value, in one step. @throws IpcError `ERR_IPC_NO_SUCH_KEY` when it is not there and no `fallback` is given */
  pop(key: K, ...fallback: [value?: V]): V {
    return this.#call('pop', key, fallback.length > 0, fallback[0]) as V;
  }
  popAsync(key: K, ...fallback: [value?: V]): Promise<V> {
    return this.#callAsync('pop', key, fallback.length > 0, fallback[0]) as Promise<V>;
  }

  /** The value of a key; when it is not there, stores `value` under it first, in one step. */
  setDefault(key: K, value: V): V {
    return this.#call('setDefault', key, value) as V;
  }
  setDefaultAsync(key: K, value: V): Promise<V> {
    return this.#callAsync('setDefault', key, value) as Promise<V>;
  }

  /** Stores several entries in one step. */
  update(entries: DictEntries<K, V>): void {
    this.#call('update', entryList(entries));
  }
  async updateAsync(entries: DictEntries<K, V>): Promise<void> {
    await this.#callAsync('update', entryList(entries));
  }

  /** Iterates over a copy of the entries as they are when it starts. */
  [Symbol.iterator](): Iterator<[K, V]> {
    return this.entries()[Symbol.iterator]();
  }

  #call(method: string, ...args: unknown[]): unknown {
    if (this.closed) this.cells.load(0);
    return this.#client.call(this.#object, method, ...args);
  }

  async #callAsync(method: string, ...args: unknown[]): Promise<unknown> {
    if (this.closed) this.cells.load(0);
    return this.#client.callAsync(this.#object, method, ...args);
  }
}

/** @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
function entryList<K, V>(entries: DictEntries<K, V>): unknown[] {
  if (typeof entries !== 'object' || entries === null) throw noEntries(shown(entries));
  if (!(Symbol.iterator in entries)) return Object.entries(entries);
  const list: unknown[] = Array.from(entries as Iterable<unknown>);
  const wrong = list.findIndex((entry) => !Array.isArray(entry) || entry.length !== 2);
  if (wrong >= 0) throw noEntries(`something whose element ${wrong} is no pair`);
  return list;
}

function noEntries(given: string): IpcError {
  return new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `a dict takes pairs of a key and a value, or an object, not ${given}`,
    {
      hint: "As in dict.update([['a', 1]]), dict.update(new Map()) or dict.update({ a: 1 }).",
    },
  );
}
