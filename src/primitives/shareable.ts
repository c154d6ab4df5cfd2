/**
 * What a slot of a {@link ShareableList} can hold, and how: a type and as many bytes as the value takes. Every value comes back as it was, also
 * a text with NUL at its end, one that UTF-8 has no bytes for, and a number that only looks like an integer. Pure.
 */
import { IpcError } from '../core/errors.ts';

/** What a list's slots can hold. */
export type Shareable = number | bigint | boolean | string | Uint8Array | null;

/** As they stand in shared memory. Never renumber. */
export const SLOT_TYPE = {
  null: 0,
  false: 1,
  true: 2,
  number: 3,
  bigint: 4,
  unsigned: 5,
  text: 6,
  /** As UTF-16: a text with half a surrogate pair, which UTF-8 cannot hold. */
  wideText: 7,
  bytes: 8,
} as const;

type SlotType = (typeof SLOT_TYPE)[keyof typeof SLOT_TYPE];

/** A number or bigint goes into shared memory as it is, all else as bytes. */
export interface Encoded {
  readonly type: SlotType;
  readonly bytes: Uint8Array;
  readonly number?: number | bigint;
}

export const SLOT_UNIT_BYTES = 8;
const NOTHING = new Uint8Array();
const LARGEST_BYTES = 2 ** 28 - 1;

/** @throws IpcError `ERR_IPC_INVALID_ARGUMENT`, `ERR_IPC_OUT_OF_RANGE` for what no slot can hold */
export function encodeShareable(value: unknown, what: string): Encoded {
  if (value === null) return { type: SLOT_TYPE.null, bytes: NOTHING };
  if (typeof value === 'boolean') return { type: value ? SLOT_TYPE.true : SLOT_TYPE.false, bytes: NOTHING };
  if (typeof value === 'number') return { type: SLOT_TYPE.number, bytes: NOTHING, number: value };
  if (typeof value === 'bigint') return encodeBigint(value, what);
  if (typeof value === 'string') return limited(encodeText(value), what);
  if (value instanceof Uint8Array) return limited({ type: SLOT_TYPE.bytes, bytes: value }, what);
  throw new IpcError(
    'ERR_IPC_INVALID_ARGUMENT',
    `${what} cannot be ${value === undefined ? 'undefined' : `of type ${typeof value}`}`,
    {
      hint: 'A slot holds a number, bigint, boolean, text, Uint8Array or null.',
    },
  );
}

/** The value that bytes of such a type are. */
export function decodeBytes(type: number, bytes: Uint8Array): Shareable {
  const { buffer, byteOffset, length } = bytes;
  if (type === SLOT_TYPE.text) return Buffer.from(buffer, byteOffset, length).toString('utf8');
  if (type === SLOT_TYPE.wideText) return Buffer.from(buffer, byteOffset, length).toString('utf16le');
  if (type === SLOT_TYPE.bytes) return bytes;
  throw new IpcError('ERR_IPC_INTERNAL', `shared memory holds the unknown slot type ${type}`);
}

/** How many bytes a slot gets for its first value: what the value takes, and some more, in steps of 8. */
export function roomFor({ bytes }: Encoded): number {
  return (Math.floor(bytes.length / SLOT_UNIT_BYTES) + 1) * SLOT_UNIT_BYTES;
}

/** Whether two values are the same: bytes by what they are, NaN as itself. */
export function sameShareable(one: Shareable, other: Shareable): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0;
  return one === other || (Number.isNaN(one) && Number.isNaN(other));
}

function encodeBigint(value: bigint, what: string): Encoded {
  if (BigInt.asIntN(64, value) === value) return { type: SLOT_TYPE.bigint, bytes: NOTHING, number: value };
  if (BigInt.asUintN(64, value) === value) return { type: SLOT_TYPE.unsigned, bytes: NOTHING, number: value };
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', `${what} cannot be ${value}, which takes more than 64 bits`);
}

function encodeText(text: string): Encoded {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.toString('utf8') === text) return { type: SLOT_TYPE.text, bytes };
  return { type: SLOT_TYPE.wideText, bytes: Buffer.from(text, 'utf16le') };
}

function limited(encoded: Encoded, what: string): Encoded {
  if (encoded.bytes.length <= LARGEST_BYTES) return encoded;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', `${what} cannot take ${encoded.bytes.length} bytes`);
}
