/**
 * Shared objects: what every primitive is made of, and how a process gets from a reference to an object of its own.
 *
 * ```
 * cell 0 kind       which primitive: a key of the attach table; 0 once freed
 *      1 ordinal    counts the objects of a lab, for those without a name
 *      2 name       blob with the name, 0 for none
 *      3 references how many processes hold the object, plus references under way in arguments or messages
 *      4 …          the primitive's own
 * ```
 *
 * A reference is the byte offset of cell 0. Who encodes one into a message counts it, who decodes it takes that count over; the memory is
 * freed when the count is 0. A process that is killed never gives its count back: its objects stay until the lab ends.
 */
import { IpcError } from '../core/errors.ts';
import type { Arena } from './arena.ts';
import { readBlob, writeBlob } from './blob.ts';
import type { Cells } from './cells.ts';
import { HEADER } from './layout.ts';

export const OBJECT_HEADER_BYTES = 16;
const KIND = 0;
const ORDINAL = 1;
const NAME = 2;
const REFERENCES = 3;

const BRAND = Symbol.for('ipc-lab.shared-object');

/** Anything that lives in shared memory and can be handed to another process. */
export interface SharedObject extends Disposable {
  /** Byte offset of the object in the lab's segment. */
  readonly [BRAND]: number;
}

/** Makes a process's own handle on an object that exists already. */
export type Attach = (offset: number) => SharedObject;

export class ObjectTable {
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #attach = new Map<number, Attach>();
  readonly #handles = new Map<number, SharedObject>();

  constructor(cells: Cells, arena: Arena) {
    this.#cells = cells;
    this.#arena = arena;
  }

  /** Says how to attach objects of a kind. */
  register(kind: number, attach: Attach): void {
    this.#attach.set(kind, attach);
  }

  /** Makes an object of `bodyBytes` zeroed bytes after its header; `make` gets its offset and returns the handle. */
  create<T extends SharedObject>(
    kind: number,
    bodyBytes: number,
    name: string | undefined,
    make: (offset: number) => T,
  ): T {
    const offset = this.#arena.allocate(OBJECT_HEADER_BYTES + bodyBytes);
    const base = offset / 4;
    this.#cells.store(base + ORDINAL, this.#cells.add(HEADER.ordinal, 1) + 1);
    if (name !== undefined)
      this.#cells.store(base + NAME, writeBlob(this.#cells, this.#arena, new TextEncoder().encode(name)));
    this.#cells.store(base + REFERENCES, 1);
    this.#cells.store(base + KIND, kind);
    try {
      const handle = make(offset);
      this.#handles.set(offset, handle);
      return handle;
    } catch (error) {
      this.#drop(offset);
      throw error;
    }
  }

  /** The kind of the object at an offset; 0 when it was freed. */
  kind(offset: number): number {
    return this.#cells.load(offset / 4 + KIND);
  }

  /** The name it was given, or undefined. */
  name(offset: number): string | undefined {
    const blob = this.#cells.load(offset / 4 + NAME) >>> 0;
    return blob === 0 ? undefined : new TextDecoder().decode(readBlob(this.#cells, blob));
  }

  ordinal(offset: number): number {
    return this.#cells.load(offset / 4 + ORDINAL);
  }

  /** How many references there are: one for each process that holds it (dead ones too), and those under way. */
  references(offset: number): number {
    return this.#cells.load(offset / 4 + REFERENCES);
  }

  /** The offset of a shared object of this lab, or undefined for anything else. */
  referenceOf(value: object): number | undefined {
    if (!(BRAND in value)) return undefined;
    const offset = value[BRAND];
    return typeof offset === 'number' && this.#handles.get(offset) === value ? offset : undefined;
  }

  /** Counts a reference that is about to travel. @throws IpcError `ERR_IPC_CLOSED` */
  send(offset: number): number {
    if (this.#cells.add(offset / 4 + REFERENCES, 1) <= 0) throw gone();
    return offset;
  }

  /** Takes over a reference that has travelled: the process's one handle on that object. @throws IpcError `ERR_IPC_CLOSED` */
  receive(offset: number): SharedObject {
    const known = this.#handles.get(offset);
    if (known !== undefined) {
      this.#drop(offset);
      return known;
    }
    const attach = this.#attach.get(this.kind(offset));
    if (attach === undefined) throw gone();
    const handle = attach(offset);
    this.#handles.set(offset, handle);
    return handle;
  }

  /** Gives back a reference that is not this process's handle: one under way, or one that an object holds on a part of its own. */
  drop(offset: number): void {
    this.#drop(offset);
  }

  /**
   * Gives back a reference that was to travel and never will. Whoever gives back the last one must attach the object first, because only a
   * handle knows what it is made of.
   */
  discard(offset: number): void {
    const cell = offset / 4 + REFERENCES;
    for (let count = this.#cells.load(cell); count > 1; count = this.#cells.load(cell)) {
      if (this.#cells.compareExchange(cell, count, count - 1) === count) return;
    }
    if (this.#handles.has(offset) || !this.#attach.has(this.kind(offset))) this.#drop(offset);
    else this.#attachToDrop(offset);
  }

  /** What cannot be attached any more, such as a file that is gone, has nothing left to give back but its own memory. */
  #attachToDrop(offset: number): void {
    let handle: SharedObject;
    try {
      handle = this.receive(offset);
    } catch {
      this.#drop(offset);
      return;
    }
    handle[Symbol.dispose]();
  }

  /** Gives up this process's handle. When it was the last reference, `release` runs and the memory is freed. */
  close(offset: number, release: () => void): void {
    if (!this.#handles.delete(offset)) return;
    this.#drop(offset, release);
  }

  /**
   * Closes every handle: for a thread that ends, while its process goes on. What cannot be closed in an orderly way, because somebody else
   * has died, stays until the lab ends.
   */
  closeAll(): void {
    for (const handle of this.#handles.values()) {
      try {
        handle[Symbol.dispose]();
      } catch {
        // The others are still to be closed.
      }
    }
  }

  #drop(offset: number, release?: () => void): void {
    const base = offset / 4;
    if (this.#cells.add(base + REFERENCES, -1) !== 1) return;
    release?.();
    const name = this.#cells.load(base + NAME) >>> 0;
    this.#cells.store(base + KIND, 0);
    if (name !== 0) this.#arena.free(name);
    this.#arena.free(offset);
  }
}

function gone(): IpcError {
  return new IpcError('ERR_IPC_CLOSED', 'the object was closed by everyone who had it, and its memory is gone', {
    hint: 'Keep it open in one process until the others have received it.',
  });
}

export { BRAND as SHARED_OBJECT };
