import type { LabMemory } from '../memory/lab-memory.ts';
import { type AtomicOperations, atomicOperations, checkedOperations } from './atomics.ts';
import { place } from './element-index.ts';
import { Primitive } from './primitive.ts';
import type { ElementKind, ElementOf, IntegerOf, TypeCode } from './type-code.ts';

/**
 * The half of a {@link RawArray} that changes one element in one atomic step, as JavaScript's `Atomics`: for whole numbers only. Each operation
 * returns the old element. All throw `ERR_IPC_OUT_OF_RANGE` for the index, `ERR_IPC_INVALID_ARGUMENT` for types that are not whole numbers.
 */
export abstract class AtomicArray<C extends TypeCode> extends Primitive {
  /** @internal */
  readonly elementKind: ElementKind;
  /** Index of the first element among all of its kind in the segment. @internal */
  protected readonly first: number;
  readonly #length: number;
  readonly #operations: AtomicOperations<ElementOf<C>> | undefined;

  constructor(memory: LabMemory, offset: number, elementKind: ElementKind, first: number, length: number) {
    super(memory, offset);
    this.elementKind = elementKind;
    this.first = first;
    this.#length = length;
    this.#operations = atomicOperations<C>(elementKind);
  }

  /** How many elements it has. */
  get length(): number {
    return this.#length;
  }

  /** Adds. */
  add(index: number, amount: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(amount).add(this.cells, place(index, this.length, this.first), amount);
  }

  /** Subtracts. */
  sub(index: number, amount: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(amount).sub(this.cells, place(index, this.length, this.first), amount);
  }

  /** Keeps those bits that are set in `mask`. */
  and(index: number, mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).and(this.cells, place(index, this.length, this.first), mask);
  }

  /** Sets the bits that are set in `mask`. */
  or(index: number, mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).or(this.cells, place(index, this.length, this.first), mask);
  }

  /** Turns over the bits that are set in `mask`. */
  xor(index: number, mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).xor(this.cells, place(index, this.length, this.first), mask);
  }

  /** Stores. */
  exchange(index: number, value: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(value).exchange(this.cells, place(index, this.length, this.first), value);
  }

  /** Stores `replacement` if the element is `expected`; returns the old value either way. */
  compareExchange(index: number, expected: IntegerOf<C>, replacement: IntegerOf<C>): ElementOf<C> {
    this.#atomic(expected);
    return this.#atomic(replacement).compareExchange(
      this.cells,
      place(index, this.length, this.first),
      expected,
      replacement,
    );
  }

  #atomic(operand: unknown): AtomicOperations<ElementOf<C>> {
    return checkedOperations(this.#operations, this, operand);
  }
}
