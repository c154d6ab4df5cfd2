/**
 * Changing a whole number in shared memory in one atomic step, as JavaScript's `Atomics`: each operation returns what the element held before,
 * and what does not fit wraps.
 *
 * - 32 bits: the element is a cell.
 * - 8 and 16 bits: the element is a part of a cell. The cell is exchanged for one that differs in this part, if nobody has stored into any of it
 *   meanwhile: also not into a neighbour, so that nobody's store to a neighbour is undone.
 * - 64 bits: two cells, exchanged as one.
 *
 * Progress: lock-free. Nobody waits for another process, alive or dead; an operation is tried again only when another one has succeeded.
 */
import { IpcError } from '../core/errors.ts';
import type { Cells } from '../memory/cells.ts';
import { type ElementKind, type ElementOf, type IntegerCode, refuseWrongType, type TypeCode } from './type-code.ts';

/** The operations on elements of one kind; an index counts elements of that kind from the start of the segment. */
export interface AtomicOperations<E> {
  add(cells: Cells, index: number, amount: E): E;
  sub(cells: Cells, index: number, amount: E): E;
  and(cells: Cells, index: number, mask: E): E;
  or(cells: Cells, index: number, mask: E): E;
  xor(cells: Cells, index: number, mask: E): E;
  exchange(cells: Cells, index: number, value: E): E;
  compareExchange(cells: Cells, index: number, expected: E, replacement: E): E;
}

type Change<E> = (old: E, operand: E) => E;

const and: Change<number> = (old, mask) => old & mask;
const or: Change<number> = (old, mask) => old | mask;
const xor: Change<number> = (old, mask) => old ^ mask;

class WholeCell implements AtomicOperations<number> {
  readonly #unsigned: boolean;

  constructor(unsigned: boolean) {
    this.#unsigned = unsigned;
  }

  add(cells: Cells, cell: number, amount: number): number {
    return this.#seen(cells.add(cell, amount));
  }
  sub(cells: Cells, cell: number, amount: number): number {
    return this.#seen(cells.add(cell, -amount));
  }
  and(cells: Cells, cell: number, mask: number): number {
    return this.#change(cells, cell, and, mask);
  }
  or(cells: Cells, cell: number, mask: number): number {
    return this.#change(cells, cell, or, mask);
  }
  xor(cells: Cells, cell: number, mask: number): number {
    return this.#change(cells, cell, xor, mask);
  }
  exchange(cells: Cells, cell: number, value: number): number {
    return this.#seen(cells.exchange(cell, value));
  }
  compareExchange(cells: Cells, cell: number, expected: number, replacement: number): number {
    return this.#seen(cells.compareExchange(cell, expected, replacement));
  }

  #change(cells: Cells, cell: number, change: Change<number>, operand: number): number {
    for (let old = cells.load(cell); ; ) {
      const found = cells.compareExchange(cell, old, change(old, operand));
      if (found === old) return this.#seen(old);
      old = found;
    }
  }

  #seen(value: number): number {
    return this.#unsigned ? value >>> 0 : value;
  }
}

/** The lowest byte of a cell comes first, on all systems that Node.js runs on. */
class PartOfCell implements AtomicOperations<number> {
  readonly #sizeBytes: number;
  readonly #unsigned: boolean;
  readonly #mask: number;

  constructor(sizeBytes: number, unsigned: boolean) {
    this.#sizeBytes = sizeBytes;
    this.#unsigned = unsigned;
    this.#mask = 2 ** (8 * sizeBytes) - 1;
  }

  add(cells: Cells, index: number, amount: number): number {
    return this.#change(cells, index, (old, by) => old + by, amount);
  }
  sub(cells: Cells, index: number, amount: number): number {
    return this.#change(cells, index, (old, by) => old - by, amount);
  }
  and(cells: Cells, index: number, mask: number): number {
    return this.#change(cells, index, and, mask);
  }
  or(cells: Cells, index: number, mask: number): number {
    return this.#change(cells, index, or, mask);
  }
  xor(cells: Cells, index: number, mask: number): number {
    return this.#change(cells, index, xor, mask);
  }
  exchange(cells: Cells, index: number, value: number): number {
    return this.#change(cells, index, (_old, next) => next, value);
  }
  compareExchange(cells: Cells, index: number, expected: number, replacement: number): number {
    const change: Change<number> = (old, next) => (old === (expected & this.#mask) ? next : old);
    return this.#change(cells, index, change, replacement);
  }

  #change(cells: Cells, index: number, change: Change<number>, operand: number): number {
    const byteOffset = index * this.#sizeBytes;
    const cell = byteOffset >>> 2;
    const shift = (byteOffset & 3) * 8;
    const others = ~(this.#mask << shift);
    for (let word = cells.load(cell); ; ) {
      const old = (word >>> shift) & this.#mask;
      const changed = (word & others) | ((change(old, operand | 0) & this.#mask) << shift);
      const found = cells.compareExchange(cell, word, changed);
      if (found === word) return this.#seen(old);
      word = found;
    }
  }

  #seen(bits: number): number {
    const unused = 32 - 8 * this.#sizeBytes;
    return this.#unsigned ? bits : (bits << unused) >> unused;
  }
}

class TwoCells implements AtomicOperations<bigint> {
  readonly #unsigned: boolean;

  constructor(unsigned: boolean) {
    this.#unsigned = unsigned;
  }

  add(cells: Cells, index: number, amount: bigint): bigint {
    return this.#change(cells, index, (old, by) => old + by, amount);
  }
  sub(cells: Cells, index: number, amount: bigint): bigint {
    return this.#change(cells, index, (old, by) => old - by, amount);
  }
  and(cells: Cells, index: number, mask: bigint): bigint {
    return this.#change(cells, index, (old, bits) => old & bits, mask);
  }
  or(cells: Cells, index: number, mask: bigint): bigint {
    return this.#change(cells, index, (old, bits) => old | bits, mask);
  }
  xor(cells: Cells, index: number, mask: bigint): bigint {
    return this.#change(cells, index, (old, bits) => old ^ bits, mask);
  }
  exchange(cells: Cells, index: number, value: bigint): bigint {
    return this.#change(cells, index, (_old, next) => next, value);
  }
  compareExchange(cells: Cells, index: number, expected: bigint, replacement: bigint): bigint {
    return this.#seen(cells.compareExchangeBigInt64(index, expected, replacement));
  }

  #change(cells: Cells, index: number, change: Change<bigint>, operand: bigint): bigint {
    for (let old = cells.loadBigInt64(index); ; ) {
      const found = cells.compareExchangeBigInt64(index, old, change(old, operand));
      if (found === old) return this.#seen(old);
      old = found;
    }
  }

  #seen(value: bigint): bigint {
    return this.#unsigned ? BigInt.asUintN(64, value) : value;
  }
}

const OPERATIONS: Readonly<Record<IntegerCode, AtomicOperations<number> | AtomicOperations<bigint>>> = {
  b: new PartOfCell(1, false),
  B: new PartOfCell(1, true),
  h: new PartOfCell(2, false),
  H: new PartOfCell(2, true),
  i: new WholeCell(false),
  I: new WholeCell(true),
  q: new TwoCells(false),
  Q: new TwoCells(true),
};

/** The atomic operations on elements of a kind; undefined for fractions and characters, which have none. */
export function atomicOperations<C extends TypeCode>({
  code,
}: ElementKind): AtomicOperations<ElementOf<C>> | undefined {
  const operations = code in OPERATIONS ? OPERATIONS[code as IntegerCode] : undefined;
  return operations as unknown as AtomicOperations<ElementOf<C>> | undefined;
}

/** Refuses to do without them, and an operand of the wrong type. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function checkedOperations<E>(
  operations: AtomicOperations<E> | undefined,
  handle: { readonly elementKind: ElementKind; readonly name: string },
  operand: unknown,
): AtomicOperations<E> {
  const { code, typeName } = handle.elementKind;
  if (operations === undefined) {
    throw new IpcError(
      'ERR_IPC_INVALID_ARGUMENT',
      `${handle.name} is of type '${code}' (${typeName}), which has no atomic operations`,
      { hint: "Use a type of whole numbers, as 'i', or hold a lock around reading and writing." },
    );
  }
  refuseWrongType(handle.elementKind, operand, () => handle.name);
  return operations;
}
