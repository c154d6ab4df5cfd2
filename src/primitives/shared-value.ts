import { IpcError } from '../core/errors.ts';
import type { LabMemory } from '../memory/lab-memory.ts';
import { bodyCell, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import { RawValue } from './raw-value.ts';
import { RLock } from './rlock.ts';
import { type ElementOf, elementKind, type NumberCode, refuseUnfit, type TypeCode } from './type-code.ts';
import { SHARED_OBJECT } from '../memory/shared-object.ts';

/**
 * One number in shared memory with a recursive lock around each access, as Python's `multiprocessing.Value`. It refuses values that its
 * type cannot hold. `counter.value += 1` is a read and a write, each locked, and not locked in between: it still loses updates. Hold
 * {@link SharedValue.getLock} around both.
 *
 * In shared memory it is a pair of references: its {@link RawValue} and its {@link RLock}.
 */
export class SharedValue<C extends TypeCode = NumberCode> extends Primitive {
  readonly kind = 'SharedValue';
  readonly #raw: RawValue<C>;
  readonly #lock: RLock;

  private constructor(memory: LabMemory, offset: number, raw: RawValue<C>, lock: RLock) {
    super(memory, offset);
    this.#raw = raw;
    this.#lock = lock;
  }

  /** Makes a value and the lock that goes with it. @internal */
  static create<C extends TypeCode>(
    memory: LabMemory,
    code: C,
    initial?: ElementOf<C>,
    options: PrimitiveOptions = {},
  ): SharedValue<C> {
    if (initial !== undefined) refuseUnfit(elementKind(code), initial, options.name ?? 'the value');
    const raw = RawValue.create(memory, code, initial);
    const lock = RLock.create(memory, { name: options.name === undefined ? undefined : `lock of ${options.name}` });
    return memory.objects.create(KIND.sharedValue, 8, options.name, (offset) => {
      keepParts(memory, offset, raw, lock);
      return new SharedValue(memory, offset, raw, lock);
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): SharedValue<TypeCode> {
    const [raw, lock] = attachParts(memory, offset);
    return new SharedValue(memory, offset, raw as RawValue<TypeCode>, lock);
  }

  /** Its type code, as in `'d'`. */
  get code(): C {
    return this.#raw.code;
  }

  /** The number; reading and writing each take the lock. @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT` when it cannot be held */
  get value(): ElementOf<C> {
    this.#lock.acquire();
    try {
      return this.#raw.value;
    } finally {
      this.#lock.release();
    }
  }

  set value(value: ElementOf<C>) {
    refuseUnfit(this.#raw.elementKind, value, () => this.name);
    this.#lock.acquire();
    try {
      this.#raw.value = value;
    } finally {
      this.#lock.release();
    }
  }

  /** The recursive lock that each access takes. Hold it around several accesses that belong together. */
  getLock(): RLock {
    return this.#lock;
  }

  /** The number without the lock. */
  getObj(): RawValue<C> {
    return this.#raw;
  }

  override close(): void {
    super.close();
    this.#raw.close();
    this.#lock.close();
  }

  /** @internal */
  override shownContents(): unknown {
    return this.#raw.shownContents();
  }

  /** @internal */
  protected override shownText(): string {
    return `${this.kind}('${this.code}', ${String(this.#raw.value)})`;
  }
}

/**
 * The two objects that a shared value or array is made of. It holds a reference to both itself, so that they live while it is under way from
 * one process to another and nobody has a handle; each of its handles holds one more. @internal
 */
export function keepParts(memory: LabMemory, offset: number, raw: Primitive, lock: RLock): void {
  memory.objects.refer(bodyCell(offset), raw[SHARED_OBJECT]);
  memory.objects.refer(bodyCell(offset) + 1, lock[SHARED_OBJECT]);
}

/** A handle's own handles on the parts. @internal */
export function attachParts(memory: LabMemory, offset: number): [Primitive, RLock] {
  const { cells, objects } = memory;
  const [raw, lock] = partCells(offset).map((cell) => objects.hold(cells.load(cell) >>> 0));
  if (raw instanceof Primitive && lock instanceof RLock) return [raw, lock];
  throw new IpcError('ERR_IPC_INTERNAL', 'a shared value or array has lost its parts');
}

/** See {@link Kind.free}. @internal */
export function freeParts(memory: LabMemory, offset: number): void {
  for (const cell of partCells(offset)) memory.objects.unrefer(cell);
}

function partCells(offset: number): number[] {
  return [bodyCell(offset), bodyCell(offset) + 1];
}
