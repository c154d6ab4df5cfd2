/**
 * Values as records of a ring. Strings, numbers, booleans and byte arrays go straight in; everything else through the codec. What is too
 * large for the ring goes into a chunk of its own, and the record says where.
 */
import { IpcError } from '../core/errors.ts';
import { decode, encode, type ValueLabel } from '../memory/codec.ts';
import { type LabMemory, unpack } from '../memory/lab-memory.ts';
import type { MessageRing, RecordView } from './message-ring.ts';
import { OrderedTable } from './ordered-table.ts';
import { type RecordLabel, ringHolds } from './ring-search.ts';
import { isWide, readTuple, SIMPLE_VALUES, Tuple, tupleBytes, writeTuple } from './tuple.ts';

const SIMPLE = 0;
const INTEGER = 1;
const DOUBLE = 2;
const LATIN1 = 3;
const UTF16 = 4;
const BYTES = 5;
const CLONED = 6;
const TUPLE = 7;
/** Added to a kind: the bytes lie in a blob. */
const ELSEWHERE = 8;

/** A value made ready to be put: how many bytes it needs in the ring, and how it gets there. */
export interface Message {
  readonly kind: number;
  readonly length: number;
  readonly number: number;
  readonly body: string | Uint8Array | number | readonly unknown[] | undefined;
}

/** Prepares a value. @throws IpcError `ERR_IPC_NOT_CLONEABLE`, `ERR_IPC_OUT_OF_MEMORY` */
export function messageOf(value: unknown, memory: LabMemory, largestBytes: number, what: string): Message {
  switch (typeof value) {
    case 'string':
      return textMessage(value, memory, largestBytes);
    case 'number':
      if (Object.is(value, value | 0)) return { kind: INTEGER, length: 0, number: value, body: undefined };
      return { kind: DOUBLE, length: 8, number: 0, body: value };
    case 'undefined':
      return { kind: SIMPLE, length: 0, number: 0, body: undefined };
    case 'boolean':
      return { kind: SIMPLE, length: 0, number: value ? 3 : 2, body: undefined };
    default:
      if (value === null) return { kind: SIMPLE, length: 0, number: 1, body: undefined };
      if (value instanceof Uint8Array && value.constructor === Uint8Array)
        return bytesMessage(BYTES, value, memory, largestBytes);
      if (value instanceof Tuple) return tupleMessage(value.values, memory, largestBytes, value.label ?? what);
      return clonedMessage(value, memory, largestBytes, what);
  }
}

function tupleMessage(values: readonly unknown[], memory: LabMemory, largestBytes: number, what: ValueLabel): Message {
  const length = tupleBytes(values);
  if (length === undefined || length > largestBytes) return clonedMessage(values, memory, largestBytes, what);
  return { kind: TUPLE, length, number: 0, body: values };
}

function clonedMessage(value: unknown, memory: LabMemory, largestBytes: number, what: ValueLabel): Message {
  const { bytes, references } = encode(value, memory.objects, what);
  return bytesMessage(CLONED, bytes, memory, references.length > 0 ? -1 : largestBytes, references);
}

function textMessage(text: string, memory: LabMemory, largestBytes: number): Message {
  const wide = isWide(text);
  const length = wide ? text.length * 2 : text.length;
  if (length > largestBytes || wide)
    return bytesMessage(wide ? UTF16 : LATIN1, Buffer.from(text, wide ? 'utf16le' : 'latin1'), memory, largestBytes);
  return { kind: LATIN1, length, number: 0, body: text };
}

function bytesMessage(
  kind: number,
  bytes: Uint8Array,
  memory: LabMemory,
  largestBytes: number,
  references: readonly number[] = [],
): Message {
  if (bytes.length <= largestBytes) return { kind, length: bytes.length, number: 0, body: bytes };
  return { kind: kind + ELSEWHERE, length: 0, number: memory.parcels.pack(bytes, references), body: undefined };
}

/** The parcel that a message is in; undefined when it lies in the ring. */
export function parcelOf({ kind, number }: Pick<Message, 'kind' | 'number'>): number | undefined {
  return kind >= ELSEWHERE ? number >>> 0 : undefined;
}

/** Makes a message that lies outside the ring take as many bytes in it all the same, but not more than `mostBytes`. */
export function withBallast(message: Message, mostBytes: number, { parcels }: LabMemory): Message {
  const parcel = parcelOf(message);
  return parcel === undefined ? message : { ...message, length: Math.min(parcels.length(parcel), mostBytes) };
}

/** How many bytes a record carries, if bytes is what it is. */
export function bytesIn({ kind, length, number }: RecordView, memory: LabMemory): number | undefined {
  if (kind === BYTES) return length;
  return kind === BYTES + ELSEWHERE ? memory.parcels.length(number >>> 0) : undefined;
}

/** Writes a message's bytes where the ring has made room for them. */
export function writeMessage({ body }: Message, memory: LabMemory, byteOffset: number): void {
  if (typeof body === 'string') memory.cells.writeLatin1(byteOffset, body);
  else if (typeof body === 'number') memory.cells.storeFloat64(byteOffset / 8, body);
  else if (body instanceof Uint8Array) memory.cells.copyIn(byteOffset, body);
  else if (body !== undefined) writeTuple(body, memory.cells, byteOffset);
}

/** Gives back what a message that was never put, or that nobody will read, has taken: it is in this process's hands. */
export function discardMessage(message: Message | Received, memory: LabMemory): void {
  const parcel = parcelOf(message);
  if (parcel !== undefined) memory.parcels.discard(parcel);
}

/** A record copied out of the ring, not decoded yet: decoding may take long, and the ring's lock is held while copying. */
export interface Received {
  readonly kind: number;
  readonly number: number;
  readonly body: Message['body'];
}

/** Copies a record out. */
export function readMessage(record: RecordView, memory: LabMemory): Received {
  const { kind, length, number, byteOffset } = record;
  return { kind, number, body: kind >= ELSEWHERE ? undefined : bodyOf(kind, length, byteOffset, memory) };
}

function bodyOf(kind: number, length: number, byteOffset: number, memory: LabMemory): Message['body'] {
  if (kind === TUPLE) return readTuple(memory.cells, byteOffset);
  if (kind === LATIN1) return memory.cells.readLatin1(byteOffset, length);
  if (kind === DOUBLE) return memory.cells.loadFloat64(byteOffset / 8);
  if (kind === SIMPLE || kind === INTEGER) return undefined;
  const bytes = new Uint8Array(length);
  memory.cells.copyOut(byteOffset, bytes);
  return bytes;
}

/** The value of a record that was copied out. */
export function valueOf({ kind, number, body }: Received, memory: LabMemory): unknown {
  if (kind === INTEGER) return number;
  if (kind === SIMPLE) return SIMPLE_VALUES[number];
  if (kind === LATIN1 || kind === DOUBLE || kind === TUPLE) return body;
  if (kind === CLONED + ELSEWHERE) return unpack(number >>> 0, memory);
  let bytes = body as Uint8Array;
  if (kind >= ELSEWHERE) {
    bytes = memory.parcels.bytes(number >>> 0);
    memory.parcels.discard(number >>> 0);
  }
  switch (kind & ~ELSEWHERE) {
    case LATIN1:
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    case UTF16:
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf16le');
    case BYTES:
      return bytes;
    default:
      return decode(bytes, memory.objects, noReference);
  }
}

function noReference(): never {
  throw new IpcError('ERR_IPC_INTERNAL', 'a message in a ring refers to something shared');
}

/** Takes the record out that {@link MessageRing.peek} has found; what lies elsewhere is then in this process's hands. */
export function takeMessage(ring: MessageRing, record: RecordView, memory: LabMemory): Received {
  const received = readMessage(record, memory);
  const parcel = parcelOf(received);
  if (parcel === undefined) ring.take();
  else memory.parcels.takeOver(parcel, ring.baseCell, () => ring.take());
  return received;
}

/** Makes a record visible that was written. */
export function commitMessage(ring: MessageRing, message: Message, memory: LabMemory): void {
  const parcel = parcelOf(message);
  if (parcel === undefined) ring.commit();
  else memory.parcels.handOver(parcel, ring.baseCell, () => ring.commit());
}

/** Frees what the unread messages of a ring hold: called when nobody has the queue any more. */
export function discardAll(ring: MessageRing, memory: LabMemory): void {
  for (let record = ring.peek(); record !== undefined; record = ring.peek())
    discardMessage(takeMessage(ring, record, memory), memory);
}

/** See {@link Parcels.isHeldBy}. A ring calls itself by its first cell, a table by the first of its own, negative. */
export function isHeldBy(memory: LabMemory, queue: number, parcel: number): boolean {
  const isIt = (record: RecordLabel): boolean => parcelOf(record) === parcel;
  if (queue < 0) return new OrderedTable(memory.cells, memory.arena, -queue, () => true).holds(isIt);
  return ringHolds(memory.cells, queue, isIt);
}
