import type { LabMemory } from '../memory/lab-memory.ts';
import { OBJECT_HEADER_BYTES } from '../memory/objects.ts';
import { AtomicValue } from './atomic-value.ts';
import { KIND, type PrimitiveOptions } from './primitive.ts';
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
} from './type-code.ts';

/** The element's place behind the header and the cell that says its kind, aligned for the largest element. */
const ELEMENT_OFFSET = OBJECT_HEADER_BYTES + 8;

/**
 * One number in shared memory, read and written plainly: no lock, no atomicity beyond what an aligned store has, and whole numbers wrap as
 * the hardware stores them. `counter.value += 1` in two processes loses updates; that is what this class is for.
 *
 * There is a class per element kind, because an accessor that meets typed arrays of several kinds costs thirty times as much.
 */
export abstract class RawValue<C extends TypeCode = NumberCode> extends AtomicValue<C> {
  readonly kind = 'RawValue';

  constructor(memory: LabMemory, offset: number, kind: ElementKind) {
    super(memory, offset, kind, (offset + ELEMENT_OFFSET) / kind.sizeBytes);
  }

  /** Makes a value of the kind that the type code says. @internal */
  static create<C extends TypeCode>(
    memory: LabMemory,
    code: C,
    initial?: ElementOf<C>,
    options: PrimitiveOptions = {},
  ): RawValue<C> {
    const kind = elementKind(code);
    if (initial !== undefined) refuseWrongType(kind, initial, options.name ?? 'the value');
    return memory.objects.create(KIND.rawValue, 16, options.name, (offset) => {
      memory.cells.store((offset + OBJECT_HEADER_BYTES) / 4, kindIndex(kind));
      const made = RawValue.attach(memory, offset) as unknown as RawValue<C>;
      if (initial !== undefined) made.value = initial;
      return made;
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): RawValue<TypeCode> {
    const kind = kindAt(memory.cells.load((offset + OBJECT_HEADER_BYTES) / 4));
    return new CLASSES[kind.code](memory, offset, kind);
  }

  /** Its type code, as in `'i'`. */
  get code(): C {
    return this.elementKind.code as C;
  }

  /** The element itself; each access goes to shared memory. */
  abstract value: ElementOf<C>;

  /** @internal */
  override shownContents(): unknown {
    return this.value;
  }

  /** @internal */
  protected override shownText(): string {
    return `${this.kind}('${this.code}', ${String(this.value)})`;
  }
}

class RawInt8Value extends RawValue<'b'> {
  get value(): number {
    return this.cells.loadInt8(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt8(this.index, value);
  }
}

class RawUint8Value extends RawValue<'B'> {
  get value(): number {
    return this.cells.loadUint8(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint8(this.index, value);
  }
}

class RawInt16Value extends RawValue<'h'> {
  get value(): number {
    return this.cells.loadInt16(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt16(this.index, value);
  }
}

class RawUint16Value extends RawValue<'H'> {
  get value(): number {
    return this.cells.loadUint16(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint16(this.index, value);
  }
}

class RawInt32Value extends RawValue<'i'> {
  get value(): number {
    return this.cells.loadInt32(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeInt32(this.index, value);
  }
  // The one that loops are made of: without the way through the table, and with the test that costs nothing.
  override add(amount: number): number {
    return typeof amount === 'number' ? this.cells.add(this.index, amount) : super.add(amount);
  }
}

class RawUint32Value extends RawValue<'I'> {
  get value(): number {
    return this.cells.loadUint32(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeUint32(this.index, value);
  }
  override add(amount: number): number {
    return typeof amount === 'number' ? this.cells.add(this.index, amount) >>> 0 : super.add(amount);
  }
}

class RawBigInt64Value extends RawValue<'q'> {
  get value(): bigint {
    return this.cells.loadBigInt64(this.index);
  }
  set value(value: bigint) {
    if (typeof value !== 'bigint') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeBigInt64(this.index, value);
  }
}

class RawBigUint64Value extends RawValue<'Q'> {
  get value(): bigint {
    return this.cells.loadBigUint64(this.index);
  }
  set value(value: bigint) {
    if (typeof value !== 'bigint') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeBigUint64(this.index, value);
  }
}

class RawFloat32Value extends RawValue<'f'> {
  get value(): number {
    return this.cells.loadFloat32(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeFloat32(this.index, value);
  }
}

class RawFloat64Value extends RawValue<'d'> {
  get value(): number {
    return this.cells.loadFloat64(this.index);
  }
  set value(value: number) {
    if (typeof value !== 'number') refuseWrongType(this.elementKind, value, this.name);
    this.cells.storeFloat64(this.index, value);
  }
}

class RawCharacterValue extends RawValue<'c'> {
  get value(): string {
    return String.fromCharCode(this.cells.loadUint8(this.index));
  }
  set value(value: string) {
    this.cells.storeUint8(
      this.index,
      byteOfCharacter(value, () => this.name),
    );
  }
}

type RawValueClass = new (memory: LabMemory, offset: number, kind: ElementKind) => RawValue<TypeCode>;

const CLASSES = {
  b: RawInt8Value,
  B: RawUint8Value,
  h: RawInt16Value,
  H: RawUint16Value,
  i: RawInt32Value,
  I: RawUint32Value,
  q: RawBigInt64Value,
  Q: RawBigUint64Value,
  f: RawFloat32Value,
  d: RawFloat64Value,
  c: RawCharacterValue,
} as unknown as Readonly<Record<TypeCode, RawValueClass>>;
