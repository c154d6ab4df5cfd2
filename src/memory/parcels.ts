/**
 * Encoded values in memory of their own, with the references in them: arguments, and messages that are large or hold anything shared.
 *
 * ```
 * cell 0 length       of the bytes
 *      1 references   how many of them there are
 *      2 …            byte offsets of objects, 0 for what is not counted yet or was received; then the bytes
 * ```
 *
 * A parcel is in the hands of the process that has an entry for it in its ledger, if the arena says so too. In a queue it is in nobody's: who
 * takes it out makes it his before the queue lets go of it, and who puts it in strikes it out of his ledger after the queue has it. So of a
 * process that was killed meanwhile it can be told: what the queue still holds was not its own.
 */
import type { Arena } from './arena.ts';
import type { Cells } from './cells.ts';
import { ENTRY } from './ledger.ts';
import type { ObjectTable } from './objects.ts';
import { FIELD, fieldCell } from './slot-layout.ts';

const LENGTH = 0;
const REFERENCES = 1;
const FIRST = 2;

export class Parcels {
  /** Whether a queue holds a parcel at this moment. Set by who knows queues. @param queue what it has called itself, never 0 */
  isHeldBy: (queue: number, parcel: number) => boolean = () => false;
  readonly #cells: Cells;
  readonly #arena: Arena;
  readonly #objects: ObjectTable;
  readonly #self: number;
  /** Cells of entries, by parcel. */
  readonly #entries = new Map<number, number>();

  constructor(cells: Cells, arena: Arena, objects: ObjectTable, self: number) {
    this.#cells = cells;
    this.#arena = arena;
    this.#objects = objects;
    this.#self = self;
  }

  /** Makes a parcel, which is in this process's hands. @throws IpcError `ERR_IPC_OUT_OF_MEMORY`, `ERR_IPC_CLOSED` */
  pack(bytes: Uint8Array, references: readonly number[]): number {
    const cells = this.#cells;
    const parcel = this.#objects.entered((entry) => {
      const sizeBytes = (FIRST + references.length) * 4 + bytes.length;
      const chunk = this.#arena.allocate(sizeBytes, (offset) => this.#objects.enter(entry, offset, ENTRY.chunk));
      cells.store(chunk / 4 + LENGTH, bytes.length);
      cells.store(chunk / 4 + REFERENCES, references.length);
      this.#objects.enter(entry, chunk, ENTRY.parcel);
      this.#entries.set(chunk, entry);
      return chunk;
    });
    try {
      cells.copyIn(this.#bytesAt(parcel), bytes);
      for (const [i, offset] of references.entries()) this.#objects.refer(parcel / 4 + FIRST + i, offset);
    } catch (error) {
      this.discard(parcel);
      throw error;
    }
    return parcel;
  }

  /** A copy of its bytes. */
  bytes(parcel: number): Uint8Array {
    const bytes = new Uint8Array(this.#cells.load(parcel / 4 + LENGTH));
    this.#cells.copyOut(this.#bytesAt(parcel), bytes);
    return bytes;
  }

  /** How many bytes it has. */
  length(parcel: number): number {
    return this.#cells.load(parcel / 4 + LENGTH);
  }

  /** The cell of one of its references. */
  referenceCell(parcel: number, index: number): number {
    return parcel / 4 + FIRST + index;
  }

  /** Gives it out of this process's hands, while `put` puts it where others find it. @param queue see {@link isHeldBy}; 0 for another place */
  handOver(parcel: number, queue: number, put: () => void): void {
    this.#transferring(queue);
    // A queue can be asked afterwards; what is put elsewhere must not be given back by mistake.
    if (queue === 0) this.#strike(parcel);
    put();
    this.#strike(parcel);
    this.#transferring(0);
  }

  /** Takes it into this process's hands, while `take` takes it from where it was. @param queue as in {@link handOver} */
  takeOver(parcel: number, queue: number, take: () => void): void {
    if (queue === 0) take();
    // Before the entry is there: it may have been in our hands before, and the arena then says that it still is.
    this.#transferring(queue);
    this.#objects.entered((entry) => {
      this.#objects.enter(entry, parcel, ENTRY.parcel);
      this.#entries.set(parcel, entry);
    });
    this.#arena.adopt(parcel);
    if (queue !== 0) take();
    this.#transferring(0);
  }

  /** Frees one with what is still in it; nobody but this process will look at it. */
  discard(parcel: number): void {
    const count = this.#cells.load(parcel / 4 + REFERENCES);
    for (let i = 0; i < count; i++) this.#objects.unrefer(parcel / 4 + FIRST + i);
    this.#objects.freeEntered(parcel, this.#entries.get(parcel) ?? 0);
    this.#entries.delete(parcel);
  }

  /** Gives back what was in the hands of a process that has ended. */
  giveBack(parcel: number, id: number): void {
    const queue = this.#cells.load(fieldCell(id, FIELD.transfer));
    const isHeld = queue !== 0 && this.isHeldBy(queue, parcel);
    // In this order: who takes it out of the queue has made it his before.
    if (!isHeld && this.#arena.isOwn(parcel, id)) this.discard(parcel);
  }

  #strike(parcel: number): void {
    const entry = this.#entries.get(parcel);
    if (entry === undefined) return;
    this.#objects.release(entry);
    this.#entries.delete(parcel);
  }

  #transferring(queue: number): void {
    if (this.#self !== 0) this.#cells.store(fieldCell(this.#self, FIELD.transfer), queue);
  }

  #bytesAt(parcel: number): number {
    return parcel + (FIRST + this.#cells.load(parcel / 4 + REFERENCES)) * 4;
  }
}
