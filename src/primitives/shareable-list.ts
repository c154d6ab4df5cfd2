/**
 * A list of mixed values in shared memory, as Python's `shared_memory.ShareableList`: its length and the room of each slot are fixed when it is
 * made; within its room a slot may hold any of the types.
 *
 * ```
 * cell 0   length
 *      2   per slot two cells: what (length in bytes << 4 | type); where (its first byte, in units of 8)
 *      …   the slots, each at a multiple of 8; the last cell of `where` beyond the last slot says where that ends
 * ```
 *
 * No lock: a process that reads a slot while another writes it may see parts of both. Hold a lock around them.
 */
import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { place } from './element-index.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import {
  decodeBytes,
  type Encoded,
  encodeShareable,
  roomFor,
  sameShareable,
  type Shareable,
  SLOT_TYPE,
  SLOT_UNIT_BYTES,
} from './shareable.ts';

const SLOTS = 2;
const CELLS_PER_SLOT = 2;
const WHERE = 1;
const TYPE_BITS = 4;
const TYPE_MASK = (1 << TYPE_BITS) - 1;

/** A fixed number of slots with numbers, texts, bytes, booleans and nulls in shared memory. Without a lock. */
export class ShareableList extends Primitive implements Iterable<Shareable> {
  readonly kind = 'ShareableList';
  /** How many slots it has. */
  readonly length: number;
  readonly #base: number;

  private constructor(memory: LabMemory, offset: number) {
    super(memory, offset);
    this.#base = bodyCell(offset);
    this.length = memory.cells.load(this.#base);
    // list[0] = 1 would be a property of this handle, not a slot.
    Object.preventExtensions(this);
  }

  /** Makes a list of the given values. @internal */
  static create(memory: LabMemory, values: Iterable<Shareable>, options: PrimitiveOptions = {}): ShareableList {
    const { cells, objects } = memory;
    const label = options.name ?? 'the list';
    if (typeof values !== 'object' || values === null || !(Symbol.iterator in values)) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${label} is made of several values, not of ${shown(values)}`, {
        hint: "As in lab.shareableList([1, 'two', null]).",
      });
    }
    const encoded = Array.from(values, (value, i) => encodeShareable(value, `slot ${i} of ${label}`));
    const directoryBytes = (SLOTS + (encoded.length + 1) * CELLS_PER_SLOT) * 4;
    const sizeBytes = encoded.reduce((sum, each) => sum + roomFor(each), directoryBytes);
    return objects.create(KIND.shareableList, sizeBytes, options.name, (offset) => {
      const base = bodyCell(offset);
      cells.store(base, encoded.length);
      let where = (base * 4 + directoryBytes) / SLOT_UNIT_BYTES;
      for (let i = 0; i <= encoded.length; i++) {
        cells.store(base + SLOTS + i * CELLS_PER_SLOT + WHERE, where);
        where += roomFor(encoded[i] ?? NO_SLOT) / SLOT_UNIT_BYTES;
      }
      const list = new ShareableList(memory, offset);
      for (const [i, each] of encoded.entries()) list.#store(base + SLOTS + i * CELLS_PER_SLOT, each);
      return list;
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): ShareableList {
    return new ShareableList(memory, offset);
  }

  /** The value of a slot; bytes are copied out. Negative indices count from the end. @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
  get(index: number): Shareable {
    const { cells } = this;
    const slot = this.#slot(index);
    const what = cells.load(slot);
    const type = what & TYPE_MASK;
    const where = cells.load(slot + WHERE);
    if (type === SLOT_TYPE.number) return cells.loadFloat64(where);
    if (type === SLOT_TYPE.bigint) return cells.loadBigInt64(where);
    if (type === SLOT_TYPE.unsigned) return cells.loadBigUint64(where);
    if (type === SLOT_TYPE.null) return null;
    if (type === SLOT_TYPE.true || type === SLOT_TYPE.false) return type === SLOT_TYPE.true;
    const bytes = new Uint8Array(what >>> TYPE_BITS);
    cells.copyOut(where * SLOT_UNIT_BYTES, bytes);
    return decodeBytes(type, bytes);
  }

  /**
   * Stores a value, of whichever type, in a slot with room for it.
   * @throws IpcError `ERR_IPC_OUT_OF_RANGE` for the index, and for a value that does not fit: then the slot is as it was; `ERR_IPC_INVALID_ARGUMENT`
   */
  set(index: number, value: Shareable): void {
    const slot = this.#slot(index);
    const encoded = encodeShareable(value, `slot ${index} of ${this.name}`);
    const room = this.#room(slot);
    if (encoded.bytes.length > room) {
      throw new IpcError(
        'ERR_IPC_OUT_OF_RANGE',
        `slot ${index} of ${this.name} has room for ${room} bytes, and the value takes ${encoded.bytes.length}`,
        { hint: 'A slot is as large as its first value needed. Make the list with a longer one, as text.padEnd(100).' },
      );
    }
    this.#store(slot, encoded);
  }

  /** How many slots hold a value. */
  count(value: Shareable): number {
    let count = 0;
    for (const each of this) if (sameShareable(each, value)) count++;
    return count;
  }

  /** The first slot that holds a value; -1 when none does. */
  indexOf(value: Shareable): number {
    let index = 0;
    for (const each of this) {
      if (sameShareable(each, value)) return index;
      index++;
    }
    return -1;
  }

  /**
   * What a slot holds, in the letters of Python's `struct`: `q` a whole number, `Q` one above 63 bits, `d` another number, `?` a boolean, `x` null,
   * `16s` text or bytes with room for 16 bytes. @throws IpcError `ERR_IPC_OUT_OF_RANGE` for the index
   */
  format(index: number): string {
    const value = this.get(index);
    if (value === null) return 'x';
    if (typeof value === 'boolean') return '?';
    if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value ? 'q' : 'Q';
    if (typeof value === 'number') return Number.isSafeInteger(value) ? 'q' : 'd';
    return `${this.#room(this.#slot(index))}s`;
  }

  *[Symbol.iterator](): Generator<Shareable> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /** @internal */
  override shownContents(): unknown {
    return [...this];
  }

  /** @internal */
  protected override shownText(): string {
    const values = Array.from(this, (value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)));
    return `${this.kind}([${values.join(', ')}])`;
  }

  #slot(index: number): number {
    return this.#base + SLOTS + place(index, this.length, 0) * CELLS_PER_SLOT;
  }

  #room(slot: number): number {
    const { cells } = this;
    return (cells.load(slot + CELLS_PER_SLOT + WHERE) - cells.load(slot + WHERE)) * SLOT_UNIT_BYTES;
  }

  #store(slot: number, { type, bytes, number }: Encoded): void {
    const { cells } = this;
    const where = cells.load(slot + WHERE);
    if (typeof number === 'number') cells.storeFloat64(where, number);
    else if (typeof number === 'bigint') cells.storeBigInt64(where, number);
    else cells.copyIn(where * SLOT_UNIT_BYTES, bytes);
    cells.store(slot, (bytes.length << TYPE_BITS) | type);
  }
}

const NO_SLOT: Encoded = { type: SLOT_TYPE.null, bytes: new Uint8Array() };
