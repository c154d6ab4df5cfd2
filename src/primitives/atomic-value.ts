import type { LabMemory } from '../memory/lab-memory.ts';
import { type AtomicOperations, atomicOperations, checkedOperations } from './atomics.ts';
import { Primitive } from './primitive.ts';
import type { ElementKind, ElementOf, IntegerOf, TypeCode } from './type-code.ts';

/**
 * The half of a {@link RawValue} that changes it in one atomic step, as JavaScript's `Atomics`: for whole numbers only. Each operation returns
 * the old value. No process comes in between its load and its store; so, unlike `value += 1`, none of them loses what another has done.
 * All throw `ERR_IPC_INVALID_ARGUMENT` for other types.
 */
export abstract class AtomicValue<C extends TypeCode> extends Primitive {
  /** @internal */
  readonly elementKind: ElementKind;
  /** @internal */
  protected readonly index: number;
  readonly #operations: AtomicOperations<ElementOf<C>> | undefined;

  constructor(memory: LabMemory, offset: number, elementKind: ElementKind, index: number) {
    super(memory, offset);
    this.elementKind = elementKind;
    this.index = index;
    this.#operations = atomicOperations<C>(elementKind);
  }

  /** Adds. */
  add(amount: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(amount).add(this.cells, this.index, amount);
  }

  /** Subtracts. */
  sub(amount: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(amount).sub(this.cells, this.index, amount);
  }

  /** Keeps those bits that are set in `mask`. */
  and(mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).and(this.cells, this.index, mask);
  }

  /** Sets the bits that are set in `mask`. */
  or(mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).or(this.cells, this.index, mask);
  }

  /** Turns over the bits that are set in `mask`. */
  xor(mask: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(mask).xor(this.cells, this.index, mask);
  }

  /** Stores. */
  exchange(value: IntegerOf<C>): ElementOf<C> {
    return this.#atomic(value).exchange(this.cells, this.index, value);
  }

  /** Stores `replacement` if the value is `expected`; returns the old value either way. */
  compareExchange(expected: IntegerOf<C>, replacement: IntegerOf<C>): ElementOf<C> {
    this.#atomic(expected);
    return this.#atomic(replacement).compareExchange(this.cells, this.index, expected, replacement);
  }

  #atomic(operand: unknown): AtomicOperations<ElementOf<C>> {
    return checkedOperations(this.#operations, this, operand);
  }
}
