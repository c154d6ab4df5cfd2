import type { LabMemory } from '../memory/lab-memory.ts';
import { MOST_ON_CONSOLE, textOf } from './array-text.ts';
import { listOf } from './element-index.ts';
import { INSPECT, KIND, Primitive, type PrimitiveOptions } from './primitive.ts';
import { RawArray } from './raw-array.ts';
import { RLock } from './rlock.ts';
import { attachParts, keepParts } from './shared-value.ts';
import { type ElementOf, elementKind, type NumberCode, refuseUnfit, type TypeCode } from './type-code.ts';

/**
 * A fixed number of elements in shared memory with a recursive lock around each access, as Python's `multiprocessing.Array`. It refuses
 * values that its type cannot hold. In shared memory it is a pair of references: its {@link RawArray} and its {@link RLock}.
 */
export class SharedArray<C extends TypeCode = NumberCode> extends Primitive implements Iterable<ElementOf<C>> {
  readonly kind = 'SharedArray';
  readonly #raw: RawArray<C>;
  readonly #lock: RLock;

  private constructor(memory: LabMemory, offset: number, raw: RawArray<C>, lock: RLock) {
    super(memory, offset);
    this.#raw = raw;
    this.#lock = lock;
    Object.preventExtensions(this);
  }

  /** Makes an array and the lock that goes with it. @internal */
  static create<C extends TypeCode>(
    memory: LabMemory,
    code: C,
    elements: number | Iterable<ElementOf<C>>,
    options: PrimitiveOptions = {},
  ): SharedArray<C> {
    const values = typeof elements === 'number' ? elements : listOf(elements);
    if (typeof values !== 'number') {
      const kind = elementKind(code);
      for (const [i, value] of values.entries())
        refuseUnfit(kind, value, `element ${i} of ${options.name ?? 'the array'}`);
    }
    const raw = RawArray.create(memory, code, values);
    const lock = RLock.create(memory, { name: options.name === undefined ? undefined : `lock of ${options.name}` });
    return memory.objects.create(KIND.sharedArray, 8, options.name, (offset) => {
      keepParts(memory, offset, raw, lock);
      return new SharedArray(memory, offset, raw, lock);
    });
  }

  /** @internal */
  static attach(memory: LabMemory, offset: number): SharedArray<TypeCode> {
    const [raw, lock] = attachParts(memory, offset);
    return new SharedArray(memory, offset, raw as RawArray<TypeCode>, lock);
  }

  /** How many elements it has. */
  get length(): number {
    return this.#raw.length;
  }

  /** Its type code, as in `'i'`. */
  get code(): C {
    return this.#raw.code;
  }

  /** The element at an index, read with the lock held. @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
  get(index: number): ElementOf<C> {
    this.#lock.acquire();
    try {
      return this.#raw.get(index);
    } finally {
      this.#lock.release();
    }
  }

  /** Stores an element with the lock held. @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT` */
  set(index: number, value: ElementOf<C>): void {
    refuseUnfit(this.#raw.elementKind, value, () => `element ${index} of ${this.name}`);
    this.#lock.acquire();
    try {
      this.#raw.set(index, value);
    } finally {
      this.#lock.release();
    }
  }

  /** A copy of a range, made under one lock. */
  slice(start?: number, end?: number): ElementOf<C>[] {
    return this.#lock.with(() => this.#raw.slice(start, end));
  }

  /** Stores several elements under one lock. @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT`; then none is stored. */
  assign(elements: Iterable<ElementOf<C>>, start = 0): void {
    const values = listOf(elements);
    for (const [i, value] of values.entries())
      refuseUnfit(this.#raw.elementKind, value, () => `element ${start + i} of ${this.name}`);
    this.#lock.with(() => this.#raw.assign(values, start));
  }

  /** The recursive lock that each access takes. Hold it around several accesses that belong together. */
  getLock(): RLock {
    return this.#lock;
  }

  /** The elements without the lock. */
  getObj(): RawArray<C> {
    return this.#raw;
  }

  /** Iterates over a copy made under one lock. */
  [Symbol.iterator](): Iterator<ElementOf<C>> {
    return this.slice()[Symbol.iterator]();
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
    return textOf(this.kind, this.#raw);
  }

  /** @internal */
  override [INSPECT](): unknown {
    return this.closed ? this.toString() : textOf(this.kind, this.#raw, MOST_ON_CONSOLE);
  }
}
