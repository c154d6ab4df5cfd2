import { IpcError } from '../core/errors.ts';
import { natural } from '../core/natural.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { OBJECT_HEADER_BYTES } from '../memory/objects.ts';
import { MOST_ON_CONSOLE, textOf } from './array-text.ts';
import { AtomicArray } from './atomic-array.ts';
import { clamp, listOf, place } from './element-index.ts';
import { INSPECT, KIND, type PrimitiveOptions } from './primitive.ts';
import {
  byteOfCharacter,
  type ElementKind,
  type ElementOf,
  elementKind,
  kindAt,
  kindIndex,
  type NumberCode,
  refuseWrongType,
  type TypeCode,
  type ViewOf,
} from './type-code.ts';

/** Where the elements begin: behind the header, the kind and the length, aligned for the largest element. */
const ELEMENTS_OFFSET = OBJECT_HEADER_BYTES + 8;
/** Copying out more elements than this would cost more than what it is there to show. */
const MOST_SHOWN = 1000;

/**
 * A fixed number of elements in shared memory, read and written plainly as {@link RawValue} is: no lock, and whole numbers wrap.
 * Elements are read with `get(i)` and written with `set(i, x)`; `array[i]` does not reach shared memory. Negative indices count from the
 * end. There is a class per element kind, for speed.
 */
export abstract class RawArray<C extends TypeCode = NumberCode>
  extends AtomicArray<C>
  implements Iterable<ElementOf<C>>
{
  readonly kind = 'RawArray';

  constructor(memory: LabMemory, offset: number, kind: ElementKind) {
    const length = memory.cells.load((offset + OBJECT_HEADER_BYTES) / 4 + 1);
    super(memory, offset, kind, (offset + ELEMENTS_OFFSET) / kind.sizeBytes, length);
    // array[0] = 1 would be a property of this handle, not an element: better an error than a silent wrong answer.
    Object.preventExtensions(this);
  }

  /** Makes an array of zeroes (from a length) or of the given elements. @internal */
  static create<C extends TypeCode>(
    memory: LabMemory,
    code: C,
    elements: number | Iterable<ElementOf<C>>,
    options: PrimitiveOptions = {},
  ): RawArray<C> {
    const kind = elementKind(code);
    const initial = typeof elements === 'number' ? [] : listOf(elements);
    const length = typeof elements === 'number' ? natural('the length of an array', elements) : initial.length;
    for (const [i, value] of initial.entries())
      refuseWrongType(kind, value, `element ${i} of ${options.name ?? 'the array'}`);
    return memory.objects.create(KIND.rawArray, 8 + length * kind.sizeBytes, options.name, (offset) => {
      memory.cells.store((offset + OBJECT_HEADER_BYTES) / 4, kindIndex(kind));
      memory.cells.store((offset + OBJECT_HEADER_BYTES) / 4 + 1, length);
      const made = RawArray.attach(memory, offset) as unknown as RawArray<C>;
      made.assign(initial);
      return made;
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): RawArray<TypeCode> {
    const kind = kindAt(memory.cells.load((offset + OBJECT_HEADER_BYTES) / 4));
    return new CLASSES[kind.code](memory, offset, kind);
  }

  /** Its type code, as in `'i'`. */
  get code(): C {
    return this.elementKind.code as C;
  }

  /** The element at an index. @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
  abstract get(index: number): ElementOf<C>;

  /** Stores an element. @throws IpcError `ERR_IPC_OUT_OF_RANGE` for the index */
  abstract set(index: number, value: ElementOf<C>): void;

  /** A copy of the elements from `start` up to but not including `end`, with the rules of `Array.prototype.slice`. */
  slice(start = 0, end = this.length): ElementOf<C>[] {
    const from = clamp(start, this.length);
    const count = Math.max(0, clamp(end, this.length) - from);
    return Array.from({ length: count }, (_, i) => this.get(from + i));
  }

  /** Stores several elements from index `start` on. @throws IpcError `ERR_IPC_OUT_OF_RANGE` when they do not fit; then none is stored. */
  assign(elements: Iterable<ElementOf<C>>, start = 0): void {
    const values = listOf(elements);
    if (values.length === 0) return;
    if (start < 0 || start + values.length > this.length) {
      throw new IpcError(
        'ERR_IPC_OUT_OF_RANGE',
        `${values.length} elements do not fit from index ${start} into an array of ${this.length}`,
      );
    }
    for (const [i, value] of values.entries()) this.set(start + i, value);
  }

  /**
   * The elements as a typed array on the shared memory itself, not a copy: as fast as JavaScript gets, but accesses through it do not pass
   * through this class. It is valid until the array is closed; after that it may show what others put into the same memory. Elements of
   * code `c` come as bytes.
   */
  abstract view(): ViewOf<C>;

  *[Symbol.iterator](): Generator<ElementOf<C>> {
    for (let i = 0; i < this.length; i++) yield this.get(i);
  }

  /** Of a long array the first elements, and how many there are besides. @internal */
  override shownContents(): unknown {
    const first = this.slice(0, MOST_SHOWN);
    const rest = this.length - first.length;
    if (this.code === 'c') return first.join('') + (rest > 0 ? ` and ${rest} more` : '');
    return rest > 0 ? [...first, `and ${rest} more`] : first;
  }

  /** @internal */
  protected override shownText(): string {
    return textOf(this.kind, this);
  }

  /** @internal */
  override [INSPECT](): unknown {
    return this.closed ? this.toString() : textOf(this.kind, this, MOST_ON_CONSOLE);
  }
}

class RawInt8Array extends RawArray<'b'> {
  get(index: number): number {
    return this.cells.loadInt8(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt8(place(index, this.length, this.first), value);
  }
  override view(): Int8Array {
    return new Int8Array(this.cells.expose(), this.first * Int8Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawUint8Array extends RawArray<'B'> {
  get(index: number): number {
    return this.cells.loadUint8(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint8(place(index, this.length, this.first), value);
  }
  override view(): Uint8Array {
    return new Uint8Array(this.cells.expose(), this.first * Uint8Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawInt16Array extends RawArray<'h'> {
  get(index: number): number {
    return this.cells.loadInt16(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt16(place(index, this.length, this.first), value);
  }
  override view(): Int16Array {
    return new Int16Array(this.cells.expose(), this.first * Int16Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawUint16Array extends RawArray<'H'> {
  get(index: number): number {
    return this.cells.loadUint16(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint16(place(index, this.length, this.first), value);
  }
  override view(): Uint16Array {
    return new Uint16Array(this.cells.expose(), this.first * Uint16Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawInt32Array extends RawArray<'i'> {
  get(index: number): number {
    return this.cells.loadInt32(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt32(place(index, this.length, this.first), value);
  }
  override view(): Int32Array {
    return new Int32Array(this.cells.expose(), this.first * Int32Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawUint32Array extends RawArray<'I'> {
  get(index: number): number {
    return this.cells.loadUint32(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint32(place(index, this.length, this.first), value);
  }
  override view(): Uint32Array {
    return new Uint32Array(this.cells.expose(), this.first * Uint32Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawBigInt64Array extends RawArray<'q'> {
  get(index: number): bigint {
    return this.cells.loadBigInt64(place(index, this.length, this.first));
  }
  set(index: number, value: bigint): void {
    if (typeof value !== 'bigint') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeBigInt64(place(index, this.length, this.first), value);
  }
  override view(): BigInt64Array {
    return new BigInt64Array(this.cells.expose(), this.first * BigInt64Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawBigUint64Array extends RawArray<'Q'> {
  get(index: number): bigint {
    return this.cells.loadBigUint64(place(index, this.length, this.first));
  }
  set(index: number, value: bigint): void {
    if (typeof value !== 'bigint') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeBigUint64(place(index, this.length, this.first), value);
  }
  override view(): BigUint64Array {
    return new BigUint64Array(this.cells.expose(), this.first * BigUint64Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawFloat32Array extends RawArray<'f'> {
  get(index: number): number {
    return this.cells.loadFloat32(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeFloat32(place(index, this.length, this.first), value);
  }
  override view(): Float32Array {
    return new Float32Array(this.cells.expose(), this.first * Float32Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawFloat64Array extends RawArray<'d'> {
  get(index: number): number {
    return this.cells.loadFloat64(place(index, this.length, this.first));
  }
  set(index: number, value: number): void {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeFloat64(place(index, this.length, this.first), value);
  }
  override view(): Float64Array {
    return new Float64Array(this.cells.expose(), this.first * Float64Array.BYTES_PER_ELEMENT, this.length);
  }
}

class RawCharacterArray extends RawArray<'c'> {
  get(index: number): string {
    return String.fromCharCode(this.cells.loadUint8(place(index, this.length, this.first)));
  }
  set(index: number, value: string): void {
    const at = place(index, this.length, this.first);
    this.cells.storeUint8(
      at,
      byteOfCharacter(value, () => `element ${index} of ${this.name}`),
    );
  }
  override view(): Uint8Array {
    return new Uint8Array(this.cells.expose(), this.first, this.length);
  }
}

type RawArrayClass = new (memory: LabMemory, offset: number, kind: ElementKind) => RawArray<TypeCode>;

const CLASSES = {
  b: RawInt8Array,
  B: RawUint8Array,
  h: RawInt16Array,
  H: RawUint16Array,
  i: RawInt32Array,
  I: RawUint32Array,
  q: RawBigInt64Array,
  Q: RawBigUint64Array,
  f: RawFloat32Array,
  d: RawFloat64Array,
  c: RawCharacterArray,
} as unknown as Readonly<Record<TypeCode, RawArrayClass>>;
