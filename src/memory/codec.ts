/**
 * Values across the border between processes: anything the structured clone algorithm takes, and shared objects at any depth.
 *
 * V8's serializer does the first; shared objects travel as references. The serializer has no hook for an ordinary object, only for views
 * on buffers, so in the tree that is serialized a small view stands in for each shared object and is written as its reference.
 * A value without shared objects is not copied first.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { IpcError, isIpcError } from '../core/errors.ts';
import { type ObjectTable } from './objects.ts';
import { SHARED_OBJECT } from './shared-object.ts';

const PLAIN_VIEW = 0;
const REFERENCE = 1;

/** Stands in for a shared object in a tree that is about to be serialized. */
class Reference extends Uint32Array {}

interface HostObjectWriter {
  _writeHostObject(view: NodeJS.TypedArray): void;
}
interface HostObjectReader {
  _readHostObject(): unknown;
}

class Writer extends DefaultSerializer {
  readonly references: number[] = [];

  _writeHostObject(view: NodeJS.TypedArray): void {
    if (view instanceof Reference) {
      this.writeUint32(REFERENCE);
      this.writeUint32(this.references.push(view[0] ?? 0) - 1);
    } else {
      this.writeUint32(PLAIN_VIEW);
      (DefaultSerializer.prototype as unknown as HostObjectWriter)._writeHostObject.call(this, view);
    }
  }
}

class Reader extends DefaultDeserializer {
  readonly #objects: ObjectTable;
  readonly #cellOf: (index: number) => number;

  constructor(bytes: Uint8Array, objects: ObjectTable, cellOf: (index: number) => number) {
    super(bytes);
    this.#objects = objects;
    this.#cellOf = cellOf;
  }

  _readHostObject(): unknown {
    if (this.readUint32() === REFERENCE) return this.#objects.receive(this.#cellOf(this.readUint32()));
    return ownBuffer((DefaultDeserializer.prototype as unknown as HostObjectReader)._readHostObject.call(this));
  }
}

/** What has such a property is of one process only; it says why. */
export const STAYS = Symbol.for('ipc-lab.stays');

/** What V8 refuses without saying where in the value it sits. */
const UNCLONEABLE: ReadonlySet<string> = new Set([
  'Promise',
  'WeakMap',
  'WeakSet',
  'WeakRef',
  'Generator',
  'AsyncGenerator',
]);

/** A value as bytes, and byte offsets of the shared objects in it, which are not counted yet. */
export interface Encoded {
  readonly bytes: Uint8Array;
  readonly references: readonly number[];
}

/** Names a value in errors, as in "the result of run()"; a function says more, given where in the value the trouble sits (`.a[1]`). */
export type ValueLabel = string | ((path: string) => string);

/**
 * Encodes a value. @throws IpcError `ERR_IPC_NOT_CLONEABLE`, saying where in the value the trouble sits.
 */
export function encode(value: unknown, objects: ObjectTable, what: ValueLabel): Encoded {
  const writer = new Writer();
  try {
    const tree = new Substitution(objects, what).of(value);
    writer.writeHeader();
    writer.writeValue(tree);
    return { bytes: writer.releaseBuffer(), references: writer.references };
  } catch (error) {
    if (isIpcError(error)) throw error;
    throw new IpcError(
      'ERR_IPC_NOT_CLONEABLE',
      `${labelAt(what, '')} cannot be sent to another process: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'Send plain data and ipc-lab primitives.',
        cause: error,
      },
    );
  }
}

/** Decodes what {@link encode} made, once. @param cellOf where the reference with that index now stands */
export function decode(bytes: Uint8Array, objects: ObjectTable, cellOf: (index: number) => number): unknown {
  const reader = new Reader(bytes, objects, cellOf);
  reader.readHeader();
  return reader.readValue();
}

/** Walks a value: finds what cannot be cloned, and replaces shared objects, copying only the containers on the way to one. */
class Substitution {
  readonly #objects: ObjectTable;
  readonly #what: ValueLabel;
  readonly #copies = new Map<object, unknown>();
  #found = false;

  constructor(objects: ObjectTable, what: ValueLabel) {
    this.#objects = objects;
    this.#what = what;
  }

  of(value: unknown): unknown {
    const copy = this.#walk(value, '');
    return this.#found ? copy : value;
  }

  #walk(value: unknown, path: string): unknown {
    if (typeof value === 'function') {
      throw this.#refusal(
        path,
        `functions cannot be cloned (${value.name === '' ? 'an anonymous function' : `function ${value.name}`})`,
      );
    }
    if (typeof value === 'symbol') throw this.#refusal(path, `symbols cannot be cloned (${String(value)})`);
    if (typeof value !== 'object' || value === null) return value;
    const known = this.#copies.get(value);
    if (known !== undefined) return known;
    const offset = this.#objects.referenceOf(value);
    if (offset !== undefined) {
      this.#found = true;
      const reference = Reference.of(offset);
      this.#copies.set(value, reference);
      return reference;
    }
    if (STAYS in value) throw this.#refusal(path, String(value[STAYS]));
    if (SHARED_OBJECT in value) throw this.#refusal(path, 'the shared object was closed, or belongs to another lab');
    return this.#walkContainer(value, path);
  }

  #walkContainer(value: object, path: string): unknown {
    if (Array.isArray(value)) {
      const copy: unknown[] = [];
      this.#copies.set(value, copy);
      copy.length = value.length;
      for (const key of Object.keys(value)) {
        const at = key as unknown as number;
        copy[at] = this.#walk(value[at], /^\d+$/.test(key) ? `${path}[${key}]` : `${path}.${key}`);
      }
      return copy;
    }
    if (value instanceof Map) {
      const copy = new Map<unknown, unknown>();
      this.#copies.set(value, copy);
      for (const [key, entry] of value)
        copy.set(this.#walk(key, `${path}.<key>`), this.#walk(entry, `${path}.get(${labelOf(key)})`));
      return copy;
    }
    if (value instanceof Set) {
      const copy = new Set<unknown>();
      this.#copies.set(value, copy);
      for (const entry of value) copy.add(this.#walk(entry, `${path}.<element>`));
      return copy;
    }
    if (isRecord(value)) return this.#walkRecord(value, path);
    if (value instanceof Error && 'cause' in value) this.#walkCause(value, path);
    const type = Object.prototype.toString.call(value).slice('[object '.length, -1);
    if (UNCLONEABLE.has(type)) throw this.#refusal(path, `a ${type} cannot be cloned`);
    return value;
  }

  /** The cause of an error crosses with it, but nothing can stand in it for something shared. */
  #walkCause(error: Error, path: string): void {
    this.#copies.set(error, error);
    const found = this.#found;
    this.#found = false;
    this.#walk(error.cause, `${path}.cause`);
    if (this.#found) throw this.#refusal(`${path}.cause`, 'nothing shared can be in the cause of an error');
    this.#found = found;
  }

  #walkRecord(value: Record<string, unknown>, path: string): unknown {
    const copy: Record<string, unknown> = {};
    this.#copies.set(value, copy);
    for (const key of Object.keys(value)) {
      // A plain assignment to __proto__ would change the copy's prototype instead of adding a property.
      Object.defineProperty(copy, key, {
        value: this.#walk(value[key], `${path}.${key}`),
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return copy;
  }

  #refusal(path: string, reason: string): IpcError {
    return new IpcError(
      'ERR_IPC_NOT_CLONEABLE',
      `${labelAt(this.#what, path)} cannot be sent to another process: ${reason}`,
      {
        hint: 'Send plain data and ipc-lab primitives: await a promise first, and name a function, which the other process imports.',
      },
    );
  }
}

function labelAt(what: ValueLabel, path: string): string {
  if (typeof what === 'function') return what(path);
  return path === '' ? what : `${what} (at ${path})`;
}

/** A map's key in a path; an object without a prototype has no text of its own. */
function labelOf(key: unknown): string {
  return typeof key === 'object' && key !== null ? Object.prototype.toString.call(key) : String(key);
}

/** Plain objects and instances of user's classes, which cross as plain objects; not the kinds that the clone algorithm knows itself. */
function isRecord(value: object): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** A typed array whose buffer holds nothing else, as a structured clone has it: Node reads small ones into a buffer that many share. */
function ownBuffer(value: unknown): unknown {
  if (!ArrayBuffer.isView(value) || value.byteLength === value.buffer.byteLength) return value;
  const bytes = value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength);
  return value instanceof Buffer
    ? Buffer.from(bytes)
    : new (value.constructor as new (buffer: ArrayBufferLike) => unknown)(bytes);
}
