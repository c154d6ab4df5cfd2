import { IpcError } from '../core/errors.ts';

type Key = string | number | bigint | boolean;

const KEY_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean']);

/** A dictionary as the server keeps it. Every method is what a proxy's method of the same name asks for. */
export class ServedDict {
  readonly #entries = new Map<Key, unknown>();

  get(key: unknown): unknown {
    return this.#entries.get(checkedKey(key));
  }

  set(key: unknown, value: unknown): void {
    this.#entries.set(checkedKey(key), value);
  }

  has(key: unknown): boolean {
    return this.#entries.has(checkedKey(key));
  }

  delete(key: unknown): boolean {
    return this.#entries.delete(checkedKey(key));
  }

  size(): number {
    return this.#entries.size;
  }

  entries(): [Key, unknown][] {
    return [...this.#entries];
  }

  keys(): Key[] {
    return [...this.#entries.keys()];
  }

  values(): unknown[] {
    return [...this.#entries.values()];
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Takes an entry out; without it the fallback, if there is one. */
  pop(key: unknown, hasFallback: boolean, fallback: unknown): unknown {
    const known = checkedKey(key);
    if (!this.#entries.has(known)) {
      if (hasFallback) return fallback;
      throw new IpcError('ERR_IPC_NO_SUCH_KEY', `the dict has no key ${shown(key)}`, {
        hint: 'Give pop() a second argument to be returned instead.',
      });
    }
    const value = this.#entries.get(known);
    this.#entries.delete(known);
    return value;
  }

  setDefault(key: unknown, value: unknown): unknown {
    const known = checkedKey(key);
    if (!this.#entries.has(known)) this.#entries.set(known, value);
    return this.#entries.get(known);
  }

  update(entries: readonly (readonly [unknown, unknown])[]): void {
    for (const [key, value] of entries) this.set(key, value);
  }
}

/** An object arrives as a copy, equal to nothing: as a key it would never be found again. */
function checkedKey(key: unknown): Key {
  if (KEY_TYPES.has(typeof key)) return key as Key;
  throw new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `a key of a dict must be a string, a number, a bigint or a boolean, not ${shown(key)}`,
    {
      hint: 'Objects are copied when they cross to the manager, so no other object would equal the key.',
    },
  );
}

function shown(key: unknown): string {
  if (typeof key === 'string') return JSON.stringify(key);
  if (typeof key === 'object' && key !== null) return Array.isArray(key) ? 'an array' : 'an object';
  return String(key);
}
