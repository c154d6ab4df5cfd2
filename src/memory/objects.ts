/**
 * Shared objects: what every primitive is made of, and how a process gets from a reference to an object of its own.
 *
 * ```
 * cell 0 kind       which primitive: a key of the attach table, 8 bits; 0 once freed
 *        ordinal    counts the objects of a lab, for those without a name, 24 bits
 *      1 name       blob with the name, 0 for none
 *      2 references how many processes hold the object, plus references under way in arguments or messages; two cells (reference-counts.ts)
 *      4 …          the primitive's own
 * ```
 *
 * A reference is the byte offset of cell 0. Who encodes one into a message counts it, who decodes it takes that count over; the memory is
 * freed when the count is 0. The handles of a process are entries of its ledger (ledger.ts). Whoever reaps the process gives back those that
 * are left, once: it makes no difference to anybody else whether it was killed or ended with its handles open.
 */
import { IpcError } from '../core/errors.ts';
import type { Arena } from './arena.ts';
import { blobBytes, fillBlob, readBlob } from './blob.ts';
import type { Cells } from './cells.ts';
import { HEADER } from './layout.ts';
import { ClosedLedger, ENTRY, Ledger } from './ledger.ts';
import { ReferenceCounts } from './reference-counts.ts';
import { type Kind, SHARED_OBJECT, type SharedObject } from './shared-object.ts';

export const OBJECT_HEADER_BYTES = 16;
const KIND = 0;
const NAME = 1;
const REFERENCES = 2;

const KIND_BITS = 8;
const KIND_MASK = (1 << KIND_BITS) - 1;

interface Handle {
  readonly object: SharedObject;
  /** Cell of its entry in the ledger. */
  readonly entry: number;
}

export class ObjectTable {
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #counts: ReferenceCounts;
  readonly #ledger: Ledger | undefined;
  readonly #kinds = new Map<number, Kind>();
  readonly #handles = new Map<number, Handle>();

  /** @param self slot id of this process; without it nobody will give back what it leaves */
  constructor(cells: Cells, arena: Arena, self = 0) {
    this.#cells = cells;
    this.#arena = arena;
    this.#counts = new ReferenceCounts(cells, REFERENCES * 4, self);
    this.#ledger = self === 0 ? undefined : new Ledger(cells, arena, self);
  }

  /** Says how to deal with objects of a kind. */
  register(kind: number, dealing: Kind): void {
    this.#kinds.set(kind, dealing);
  }

  /** Makes an object of `bodyBytes` zeroed bytes after its header; `make` gets its offset and returns the handle. */
  create<T extends SharedObject>(
    kind: number,
    bodyBytes: number,
    name: string | undefined,
    make: (offset: number) => T,
  ): T {
    return this.entered((entry) => {
      const offset = this.#arena.allocate(OBJECT_HEADER_BYTES + bodyBytes, (chunk) =>
        this.enter(entry, chunk, ENTRY.chunk),
      );
      const base = offset / 4;
      const ordinal = this.#cells.add(HEADER.ordinal, 1) + 1;
      this.#cells.store(base + REFERENCES, 1);
      this.enter(entry, offset, ENTRY.unfinished);
      try {
        if (name !== undefined) this.allocateBlob(base + NAME, new TextEncoder().encode(name));
        this.#cells.store(base + KIND, (ordinal << KIND_BITS) | kind);
        const object = make(offset);
        this.#handles.set(offset, { object, entry });
        this.enter(entry, offset, ENTRY.handle);
        return object;
      } catch (error) {
        this.#drop(offset, entry);
        throw error;
      }
    });
  }

  /** The kind of the object at an offset; 0 when it was freed. */
  kind(offset: number): number {
    return this.#cells.load(offset / 4 + KIND) & KIND_MASK;
  }

  /** The name it was given, or undefined. */
  name(offset: number): string | undefined {
    const blob = this.#cells.load(offset / 4 + NAME) >>> 0;
    return blob === 0 ? undefined : new TextDecoder().decode(readBlob(this.#cells, blob));
  }

  ordinal(offset: number): number {
    return this.#cells.load(offset / 4 + KIND) >>> KIND_BITS;
  }

  /** How many references there are: one for each process that holds it (dead ones too, until they are reaped), and those under way. */
  references(offset: number): number {
    return this.#counts.count(offset);
  }

  /** The offset of a shared object of this lab, or undefined for anything else. */
  referenceOf(value: object): number | undefined {
    if (!(SHARED_OBJECT in value)) return undefined;
    const offset = value[SHARED_OBJECT];
    return typeof offset === 'number' && this.#handles.get(offset)?.object === value ? offset : undefined;
  }

  /** Takes a reference that has travelled out of its cell: the process's one handle on that object. @throws IpcError `ERR_IPC_CLOSED` */
  receive(cell: number): SharedObject {
    const object = this.hold(this.#cells.load(cell) >>> 0);
    this.unrefer(cell);
    return object;
  }

  /** The process's one handle on an object to which somebody else has a reference. @throws IpcError `ERR_IPC_CLOSED` */
  hold(offset: number): SharedObject {
    const known = this.#handles.get(offset);
    if (known !== undefined) return known.object;
    return this.entered((entry) => {
      if (this.kind(offset) === 0 || !this.#counts.add(offset, entry, ENTRY.handle)) throw gone();
      try {
        return this.#attached(offset, entry);
      } catch (error) {
        this.#drop(offset, entry);
        throw error;
      }
    });
  }

  /** Makes a cell refer to an object: a part of another, or one that travels. @throws IpcError `ERR_IPC_CLOSED` */
  refer(cell: number, offset: number): void {
    if (this.kind(offset) === 0 || !this.#counts.add(offset, cell)) throw gone();
  }

  /** Gives back the reference in a cell of an object that nobody has any more, if there is one. */
  unrefer(cell: number): void {
    const offset = this.#cells.load(cell) >>> 0;
    if (offset !== 0) this.#drop(offset, cell);
  }

  /**
   * Allocates memory for a cell of an object that this process is just making: whoever reaps a process that was killed before the object was
   * made finds it there, or in the ledger.
   */
  allocatePart(cell: number, sizeBytes: number): number {
    return this.entered((entry) => {
      const chunk = this.#arena.allocate(sizeBytes, (offset) => this.enter(entry, offset, ENTRY.chunk));
      this.#cells.store(cell, chunk);
      this.release(entry);
      return chunk;
    });
  }

  /** As {@link allocatePart}, for bytes that {@link readBlob} reads. */
  allocateBlob(cell: number, bytes: Uint8Array): void {
    fillBlob(this.#cells, this.allocatePart(cell, blobBytes(bytes)), bytes);
  }

  /** Frees the memory in a cell of an object that nobody has any more, if there is any. */
  freePart(cell: number): void {
    const chunk = this.#cells.load(cell) >>> 0;
    if (chunk !== 0) this.#counts.free(this.#arena, chunk, cell);
  }

  /** Makes an entry of the ledger free again. */
  release(entry: number): void {
    if (entry !== 0) this.#ledger?.release(entry);
  }

  /** Frees memory that an entry of the ledger stands for. */
  freeEntered(chunk: number, entry: number): void {
    this.#counts.free(this.#arena, chunk, entry);
    this.release(entry);
  }

  /** Gives up this process's handle. When it was the last reference, the object is freed with all that it is made of. */
  close(offset: number): void {
    const handle = this.#handles.get(offset);
    // Of a lab that is closed nothing is left to be kept in order.
    if (handle === undefined || this.references(offset) === 0) return;
    this.#handles.delete(offset);
    this.#drop(offset, handle.entry);
    this.#ledger?.release(handle.entry);
  }

  /**
   * Closes every handle: for a thread that ends, while its process goes on. What cannot be closed in an orderly way, because somebody else
   * has died, stays until the lab ends.
   */
  closeAll(): void {
    for (const { object } of this.#handles.values()) closeQuietly(object);
  }

  /**
   * Gives back what a process has left that has ended, and will not be looked at by it or anybody else any more. Never blocks. To be called once
   * for each, before its slot is given to another.
   */
  reap(id: number, giveBackParcel: (parcel: number) => void): void {
    this.#counts.settle(id, this.#arena);
    const left = new ClosedLedger(this.#cells, this.#arena, id);
    // While the rings live that they may be in.
    left.takeOut(ENTRY.parcel, giveBackParcel);
    left.takeOut(ENTRY.handle, (offset) => {
      this.#dealing(offset)?.forget?.(offset, id);
      this.#drop(offset);
    });
    left.takeOut(ENTRY.unfinished, (offset) => {
      if (this.#arena.isOwn(offset, id)) this.#freeAll(offset);
    });
    left.takeOut(ENTRY.chunk, (chunk) => {
      if (this.#arena.isOwn(chunk, id)) this.#arena.free(chunk);
    });
    left.free();
  }

  /** Does something with an entry of the ledger, which is free again if that fails. */
  entered<T>(act: (entry: number) => T): T {
    const entry = this.#ledger?.reserve() ?? 0;
    try {
      return act(entry);
    } catch (error) {
      this.#ledger?.release(entry);
      throw error;
    }
  }

  /** Writes an entry of the ledger. @param kind see {@link ENTRY} */
  enter(entry: number, offset: number, kind: number): void {
    if (entry !== 0) this.#cells.store(entry, offset | kind);
  }

  #attached(offset: number, entry: number): SharedObject {
    const attach = this.#dealing(offset)?.attach;
    if (attach === undefined) throw gone();
    const object = attach(offset);
    this.#handles.set(offset, { object, entry });
    return object;
  }

  /** Gives back a reference; the last one frees the object. @param cell where it stands */
  #drop(offset: number, cell = 0): void {
    if (!this.#counts.subtract(offset, cell)) this.#freeAll(offset, cell);
  }

  /** Frees an object with all that it is made of, as far as it was made. */
  #freeAll(offset: number, cell = 0): void {
    const base = offset / 4;
    this.#dealing(offset)?.free?.(offset);
    this.freePart(base + NAME);
    this.#cells.store(base + KIND, 0);
    this.#counts.free(this.#arena, offset, cell);
  }

  #dealing(offset: number): Kind | undefined {
    return this.#kinds.get(this.kind(offset));
  }
}

/** What cannot be closed in an orderly way, because somebody else has died, must not keep the others from being closed. */
function closeQuietly(object: SharedObject): void {
  try {
    object[Symbol.dispose]();
  } catch {
    // Its memory stays until the lab ends.
  }
}

function gone(): IpcError {
  return new IpcError('ERR_IPC_CLOSED', 'the object was closed by everyone who had it, and its memory is gone', {
    hint: 'Keep it open in one process until the others have received it.',
  });
}
