/**
 * The type codes of elements, as in Python's `array` and `multiprocessing`: what an element is called here, how large it is, what it holds.
 */
import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';

/** The type codes of elements that are numbers in JavaScript. */
export type NumberCode = 'b' | 'B' | 'h' | 'H' | 'i' | 'I' | 'f' | 'd';
/** The type codes of whole numbers of 64 bits, which are bigints. */
export type BigIntCode = 'q' | 'Q';
/** What an element is called, as in Python's `array`: its width and whether it has a sign or a fraction. `c` is a character of one byte. */
export type TypeCode = NumberCode | BigIntCode | 'c';
/** The type codes of whole numbers. */
export type IntegerCode = Exclude<TypeCode, 'f' | 'd' | 'c'>;

/** What an element of a type code is in TypeScript: `c` is a byte of text, seen as a string of one character. */
export type ElementOf<C extends TypeCode> = C extends BigIntCode ? bigint : C extends 'c' ? string : number;

/** What atomic operations on elements of a type code take: nothing where there are none. */
export type IntegerOf<C extends TypeCode> = [C] extends ['f' | 'd' | 'c'] ? never : ElementOf<C>;

/** The typed array over elements of a type code. */
export type ViewOf<C extends TypeCode> = {
  b: Int8Array;
  B: Uint8Array;
  h: Int16Array;
  H: Uint16Array;
  i: Int32Array;
  I: Uint32Array;
  q: BigInt64Array;
  Q: BigUint64Array;
  f: Float32Array;
  d: Float64Array;
  c: Uint8Array;
}[C];

export interface ElementKind {
  readonly code: TypeCode;
  /** The name of the typed array that holds such elements, without `Array`. */
  readonly typeName: string;
  readonly sizeBytes: number;
  /** The smallest and largest whole number it holds; undefined for floating point, which holds any number. */
  readonly range?: readonly [number | bigint, number | bigint];
}

const ELEMENT_KINDS: readonly ElementKind[] = [
  { code: 'b', typeName: 'Int8', sizeBytes: 1, range: [-128, 127] },
  { code: 'B', typeName: 'Uint8', sizeBytes: 1, range: [0, 255] },
  { code: 'h', typeName: 'Int16', sizeBytes: 2, range: [-32_768, 32_767] },
  { code: 'H', typeName: 'Uint16', sizeBytes: 2, range: [0, 65_535] },
  { code: 'i', typeName: 'Int32', sizeBytes: 4, range: [-2_147_483_648, 2_147_483_647] },
  { code: 'I', typeName: 'Uint32', sizeBytes: 4, range: [0, 4_294_967_295] },
  { code: 'q', typeName: 'BigInt64', sizeBytes: 8, range: [-(2n ** 63n), 2n ** 63n - 1n] },
  { code: 'Q', typeName: 'BigUint64', sizeBytes: 8, range: [0n, 2n ** 64n - 1n] },
  { code: 'f', typeName: 'Float32', sizeBytes: 4 },
  { code: 'd', typeName: 'Float64', sizeBytes: 8 },
  { code: 'c', typeName: 'character', sizeBytes: 1 },
];

/** The typed arrays over elements of each type code. */
export const VIEW_CLASSES = {
  b: Int8Array,
  B: Uint8Array,
  h: Int16Array,
  H: Uint16Array,
  i: Int32Array,
  I: Uint32Array,
  q: BigInt64Array,
  Q: BigUint64Array,
  f: Float32Array,
  d: Float64Array,
  c: Uint8Array,
} as const;

/** The kind of a type code. @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, listing the codes that exist. */
export function elementKind(code: string): ElementKind {
  const kind = ELEMENT_KINDS.find((candidate) => candidate.code === code);
  if (kind !== undefined) return kind;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `there is no type code ${shown(code)}`, {
    hint: `Type codes are ${ELEMENT_KINDS.map((known) => `${known.code} (${known.typeName})`).join(', ')}.`,
  });
}

/** The index of a kind, as it stands in shared memory. */
export function kindIndex(kind: ElementKind): number {
  return ELEMENT_KINDS.indexOf(kind);
}

/** The kind at an index that {@link kindIndex} gave. */
export function kindAt(index: number): ElementKind {
  const kind = ELEMENT_KINDS[index];
  if (kind === undefined)
    throw new IpcError('ERR_IPC_INTERNAL', `shared memory holds the unknown element kind ${index}`);
  return kind;
}

/** What an error calls the element; a function where finding the name costs more than storing the value. */
export type ElementLabel = string | (() => string);

/**
 * Refuses a value that an element of this kind cannot hold exactly: a fraction or a number out of range for whole numbers, the wrong type.
 * @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT`
 */
export function refuseUnfit(kind: ElementKind, value: unknown, what: ElementLabel): void {
  const { code, range } = kind;
  if (code === 'c') {
    if (typeof value === 'string' && value.length === 1 && value.charCodeAt(0) < 256) return;
    throw unfit(kind, value, what, 'one character of one byte');
  }
  refuseWrongType(kind, value, what);
  if (range === undefined) return;
  if (typeof value === 'number' && !Number.isInteger(value)) throw unfit(kind, value, what, 'a whole number');
  if ((value as number) < range[0] || (value as number) > range[1]) {
    throw new IpcError(
      'ERR_IPC_OUT_OF_RANGE',
      `${textOf(what)} is of type '${code}' (${kind.typeName}), which holds ${range[0]} to ${range[1]}, not ${String(value)}`,
    );
  }
}

/** The byte of an element of type 'c'. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is not one character of one byte */
export function byteOfCharacter(value: string, what: ElementLabel): number {
  refuseUnfit(elementKind('c'), value, what);
  return value.charCodeAt(0);
}

/** Refuses a value that is not even of the JavaScript type of such elements. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function refuseWrongType(kind: ElementKind, value: unknown, what: ElementLabel): void {
  const wanted = kind.code === 'c' ? 'string' : kind.code === 'q' || kind.code === 'Q' ? 'bigint' : 'number';
  if (typeof value === wanted) return;
  throw unfit(kind, value, what, { string: 'a character', bigint: 'a bigint, as in 5n', number: 'a number' }[wanted]);
}

function unfit(kind: ElementKind, value: unknown, what: ElementLabel, wanted: string): IpcError {
  const got =
    typeof value === 'string' ? JSON.stringify(value) : typeof value === 'bigint' ? `${value}n` : String(value);
  return new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `${textOf(what)} is of type '${kind.code}' (${kind.typeName}) and takes ${wanted}, not ${got}`,
  );
}

function textOf(what: ElementLabel): string {
  return typeof what === 'string' ? what : what();
}
