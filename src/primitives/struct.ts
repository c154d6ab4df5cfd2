/**
 * Several named fields in shared memory.
 *
 * ```
 * cell 0 lock     reference to its lock, 0 for none
 *      1 own      1 when the lock was made for it alone
 *      2 layout   blob with the names and type codes of the fields
 *      4 …        the fields (struct-layout.ts), aligned for the largest element
 * ```
 */
import { IpcError } from '../core/errors.ts';
import { readBlob } from '../memory/blob.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';
import { OwnedLock } from './owned-lock.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import { RLock } from './rlock.ts';
import { type Accessed, lockedAccessor, plainAccessor } from './struct-accessors.ts';
import { type FieldsOf, layOut, layoutOf, type StructLayout, type StructSpec } from './struct-layout.ts';
import { refuseUnfit, refuseWrongType } from './type-code.ts';

const OWN_LOCK = 1;
const LAYOUT = 2;
const FIELDS = 4;

export interface StructOptions extends PrimitiveOptions {
  /** Whether there is a lock around each access, or which; without it, a recursive lock of the struct's own. */
  readonly lock?: boolean | OwnedLock | undefined;
}

/** Named fields in shared memory: `point.x += 1`. With what every struct has besides, in {@link StructHandle}. */
export type Struct<S extends StructSpec> = StructHandle<S> & FieldsOf<S>;

/**
 * What a struct has besides its fields. With a lock, reading or writing a field takes it, and what the field cannot hold is refused, as with a
 * SharedValue: `point.x += 1` is still a read and a write, and not locked in between; hold {@link getLock} around both. Without a lock
 * (`lock: false`), fields are read and written plainly, as with a RawValue.
 */
export class StructHandle<S extends StructSpec = StructSpec> extends Primitive {
  readonly kind = 'Struct';
  /** @internal */
  protected readonly base8: number;
  readonly #layout: StructLayout;
  readonly #lock: OwnedLock | undefined;

  /** @internal */
  constructor(memory: LabMemory, offset: number, layout: StructLayout, lock: OwnedLock | undefined) {
    super(memory, offset);
    this.base8 = (bodyCell(offset) + FIELDS) / 2;
    this.#layout = layout;
    this.#lock = lock;
    // A field that does not exist would be a property of this handle, which no other process sees.
    Object.preventExtensions(this);
  }

  /** Makes a struct of zeroes and of the given fields. @internal */
  static create<S extends StructSpec>(
    memory: LabMemory,
    spec: S,
    initial: Partial<FieldsOf<S>> = {},
    options: StructOptions = {},
  ): Struct<S> {
    const layout = layOut(spec, isReserved);
    const given = lockOf(memory, options);
    refuseFields(layout, initial, given !== undefined || options.lock !== false, options.name ?? 'the struct');
    const lock = given ?? (options.lock === false ? undefined : ownLock(memory, options.name));
    try {
      return memory.objects.create(KIND.struct, FIELDS * 4 + layout.sizeBytes, options.name, (offset) => {
        const { cells, objects } = memory;
        objects.allocateBlob(bodyCell(offset) + LAYOUT, new TextEncoder().encode(layout.text));
        cells.store(bodyCell(offset) + OWN_LOCK, lock === given ? 0 : 1);
        if (lock !== undefined) objects.refer(bodyCell(offset), lock[SHARED_OBJECT]);
        const made = new (classOf(layout, lock !== undefined))(memory, offset, layout, lock);
        Object.assign(made, initial);
        return made as unknown as Struct<S>;
      });
    } catch (error) {
      if (lock !== given) lock?.close();
      throw error;
    }
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): StructHandle {
    const { cells, objects } = memory;
    const base = bodyCell(offset);
    const layout = layoutOf(new TextDecoder().decode(readBlob(cells, cells.load(base + LAYOUT) >>> 0)));
    const reference = cells.load(base) >>> 0;
    const lock = reference === 0 ? undefined : (objects.hold(reference) as OwnedLock);
    return new (classOf(layout, lock !== undefined))(memory, offset, layout, lock);
  }

  /** The fields as a plain object, detached from shared memory; read under one lock, if there is one. */
  copy(): FieldsOf<S> {
    return this.#inside(() => this.peek());
  }

  /**
   * Stores several fields, under one lock if there is one.
   * @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_RANGE` for a name that is no field or a value that it cannot hold; then none is stored.
   */
  assign(values: Partial<FieldsOf<S>>): void {
    refuseFields(this.#layout, values, this.#lock !== undefined, this.name);
    this.#inside(() => Object.assign(this, values));
  }

  /** The lock that each access takes. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` when it has none */
  getLock(): OwnedLock {
    if (this.#lock !== undefined) return this.#lock;
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${this.name} was made without a lock`, {
      hint: 'Leave out { lock: false }, or make a lock that goes with it.',
    });
  }

  /** As {@link copy}, without the lock, whose owner may be dead. @internal */
  peek(): FieldsOf<S> {
    const fields = this.#layout.fields.map((field) => [
      field.name,
      plainAccessor(field).get.call(this as unknown as Accessed),
    ]);
    return Object.fromEntries(fields) as FieldsOf<S>;
  }

  /** @internal */
  override shownContents(): unknown {
    return this.peek();
  }

  override close(): void {
    const own = !this.closed && this.cells.load(bodyCell(this[SHARED_OBJECT]) + OWN_LOCK) === 1;
    super.close();
    if (own) this.#lock?.close();
  }

  /** See {@link Kind.free}. @internal */
  static free({ objects }: LabMemory, offset: number): void {
    objects.freePart(bodyCell(offset) + LAYOUT);
    objects.unrefer(bodyCell(offset));
  }

  /** A process that holds the lock already goes in: also with a lock that is not recursive. @internal */
  protected enter(): boolean {
    const lock = this.#lock;
    if (lock === undefined || lock.ownerSlot === this.memory.self) return false;
    lock.acquire();
    return true;
  }

  /** @internal */
  protected leave(): void {
    this.#lock?.release();
  }

  #inside<T>(work: () => T): T {
    const entered = this.enter();
    try {
      return work();
    } finally {
      if (entered) this.leave();
    }
  }

  /** @internal */
  protected override shownText(): string {
    const fields = Object.entries(this.peek()).map(([name, value]) => `${name}: ${String(value)}`);
    return `${this.kind}(${fields.join(', ')})`;
  }
}

type StructClass = new (
  memory: LabMemory,
  offset: number,
  layout: StructLayout,
  lock: OwnedLock | undefined,
) => StructHandle;

/** A class per layout, so that the accessors are defined once. A cache, no more. */
const CLASSES = new Map<string, StructClass>();

function classOf(layout: StructLayout, locked: boolean): StructClass {
  const key = `${locked} ${layout.text}`;
  let known = CLASSES.get(key);
  if (known === undefined) {
    known = class extends StructHandle {};
    for (const field of layout.fields) {
      const accessor = locked ? lockedAccessor(field) : plainAccessor(field);
      Object.defineProperty(known.prototype, field.name, { ...accessor, enumerable: true });
    }
    CLASSES.set(key, known);
  }
  return known;
}

const INSTANCE_FIELDS = new Set(['kind', 'memory', 'cells', 'base8']);

function isReserved(name: string): boolean {
  return name in StructHandle.prototype || INSTANCE_FIELDS.has(name);
}

function lockOf(memory: LabMemory, { lock }: StructOptions): OwnedLock | undefined {
  if (lock === undefined || typeof lock === 'boolean') return undefined;
  if (lock instanceof OwnedLock && memory.objects.referenceOf(lock) !== undefined) return lock;
  throw new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    'the lock of a struct must be true, false, or a Lock or RLock of its lab',
  );
}

function ownLock(memory: LabMemory, name: string | undefined): RLock {
  return RLock.create(memory, { name: name === undefined ? undefined : `lock of ${name}` });
}

function refuseFields(layout: StructLayout, values: object, thorough: boolean, label: string): void {
  for (const [name, value] of Object.entries(values)) {
    const field = layout.fields.find((each) => each.name === name);
    if (field === undefined) {
      throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `${label} has no field ${JSON.stringify(name)}`, {
        hint: `Its fields are ${layout.fields.map((each) => each.name).join(', ')}.`,
      });
    }
    (thorough ? refuseUnfit : refuseWrongType)(field.kind, value, `${name} of ${label}`);
  }
}
