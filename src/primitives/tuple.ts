/**
 * A few simple values in a row, written element by element without a serializer.
 *
 * ```
 * count, unused, then per element: kind, number or length, and its bytes, filled up to a multiple of 8
 * ```
 */
import type { Cells } from '../memory/cells.ts';
import type { ValueLabel } from '../memory/codec.ts';

const SIMPLE = 0;
const INTEGER = 1;
const DOUBLE = 2;
const LATIN1 = 3;

const ELEMENT_HEADER_BYTES = 8;
/** A longer text is better cloned. */
const LONGEST_ELEMENT = 1024;

/** Values whose number says everything. */
export const SIMPLE_VALUES = [undefined, null, false, true] as const;

/** A few simple values in a row, which take a shorter way than an array would: what the parts of ipc-lab say to each other. */
export class Tuple {
  readonly values: readonly unknown[];

  constructor(...values: readonly unknown[]) {
    this.values = values;
  }

  /** How errors name it, where its maker knows better than who sends it. */
  get label(): ValueLabel | undefined {
    return undefined;
  }
}

const WIDE = /[^\0-\xff]/;

/** Whether a text has a character that does not fit into one byte. */
export function isWide(text: string): boolean {
  return WIDE.test(text);
}

/** Bytes that the values need; undefined when one of them is not simple enough. */
export function tupleBytes(values: readonly unknown[]): number | undefined {
  let length = ELEMENT_HEADER_BYTES;
  for (const value of values) {
    const size = elementBytes(value);
    if (size === undefined) return undefined;
    length += size;
  }
  return length;
}

/** Room that an element of a tuple takes; undefined when it is not simple enough. */
function elementBytes(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return ELEMENT_HEADER_BYTES + (Object.is(value, value | 0) ? 0 : 8);
    case 'string':
      return value.length > LONGEST_ELEMENT || isWide(value)
        ? undefined
        : ELEMENT_HEADER_BYTES + ((value.length + 7) & ~7);
    case 'boolean':
    case 'undefined':
      return ELEMENT_HEADER_BYTES;
    default:
      return value === null ? ELEMENT_HEADER_BYTES : undefined;
  }
}

/** Writes what {@link tupleBytes} measured. */
export function writeTuple(values: readonly unknown[], cells: Cells, byteOffset: number): void {
  cells.storeInt32(byteOffset / 4, values.length);
  let at = byteOffset + ELEMENT_HEADER_BYTES;
  for (const value of values) {
    let kind = SIMPLE;
    let number = 0;
    let size = 0;
    if (typeof value === 'string') {
      kind = LATIN1;
      number = value.length;
      size = (number + 7) & ~7;
      cells.writeLatin1(at + ELEMENT_HEADER_BYTES, value);
    } else if (typeof value === 'number') {
      if (Object.is(value, value | 0)) {
        kind = INTEGER;
        number = value;
      } else {
        kind = DOUBLE;
        size = 8;
        cells.storeFloat64(at / 8 + 1, value);
      }
    } else {
      number = SIMPLE_VALUES.indexOf(value as undefined);
    }
    cells.storeInt32(at / 4, kind);
    cells.storeInt32(at / 4 + 1, number);
    at += ELEMENT_HEADER_BYTES + size;
  }
}

/** Reads what {@link writeTuple} wrote. */
export function readTuple(cells: Cells, byteOffset: number): unknown[] {
  const values: unknown[] = [];
  let at = byteOffset + ELEMENT_HEADER_BYTES;
  for (let left = cells.loadInt32(byteOffset / 4); left > 0; left--) {
    const kind = cells.loadInt32(at / 4);
    const number = cells.loadInt32(at / 4 + 1);
    at += ELEMENT_HEADER_BYTES;
    if (kind === INTEGER) {
      values.push(number);
    } else if (kind === LATIN1) {
      values.push(cells.readLatin1(at, number));
      at += (number + 7) & ~7;
    } else if (kind === DOUBLE) {
      values.push(cells.loadFloat64(at / 8));
      at += 8;
    } else {
      values.push(SIMPLE_VALUES[number]);
    }
  }
  return values;
}
