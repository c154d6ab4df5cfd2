import { isIpcError } from '../core/errors.ts';
import { Dict } from '../manager/dict.ts';
import { Barrier } from '../primitives/barrier.ts';
import { Condition } from '../primitives/condition.ts';
import { Event } from '../primitives/event.ts';
import { Connection } from '../primitives/connection.ts';
import { OrderedQueue } from '../primitives/ordered-queue.ts';
import { Queue } from '../primitives/queue.ts';
import { MappedFile } from '../primitives/mapped-file.ts';
import { RawArray } from '../primitives/raw-array.ts';
import { RawValue } from '../primitives/raw-value.ts';
import { RwLock } from '../primitives/rw-lock.ts';
import { Semaphore } from '../primitives/semaphore.ts';
import { SharedArray } from '../primitives/shared-array.ts';
import { SharedValue } from '../primitives/shared-value.ts';
import { Holdable } from '../primitives/holdable.ts';
import type { Primitive } from '../primitives/primitive.ts';
import { ShareableList } from '../primitives/shareable-list.ts';
import { SharedMemory } from '../primitives/shared-memory.ts';
import { StructHandle } from '../primitives/struct.ts';
import { ThreadLocal } from './thread-local.ts';
import type { TypeCode } from '../primitives/type-code.ts';

/** A copy of more elements than this would cost more than what it is there to show. */
const MOST_ELEMENTS = 1000;

/** What a primitive holds, copied out without taking any lock: a lock's owner may be dead. */
export function snapshot(primitive: Primitive): unknown {
  if (primitive instanceof RawValue) return primitive.value;
  if (primitive instanceof RawArray) return elementsOf(primitive);
  if (primitive instanceof SharedValue || primitive instanceof SharedArray) return snapshot(primitive.getObj());
  if (primitive instanceof StructHandle) return primitive.peek();
  if (primitive instanceof Dict) return dictSnapshot(primitive);
  if (primitive instanceof Queue || primitive instanceof OrderedQueue) return `${primitive.size} messages`;
  if (primitive instanceof Connection)
    return primitive.readable ? `${primitive.unread} messages to receive` : undefined;
  if (primitive instanceof Holdable) return primitive.locked ? `held by ${primitive.owner}` : 'free';
  if (primitive instanceof ShareableList) return [...primitive];
  if (primitive instanceof SharedMemory) return `${primitive.sizeBytes} bytes`;
  if (primitive instanceof Semaphore) return `${primitive.value} free`;
  if (primitive instanceof Barrier)
    return primitive.broken ? 'broken' : `${primitive.waiters} of ${primitive.parties} waiting`;
  if (primitive instanceof RwLock) {
    const { writer, readers } = primitive;
    return writer === undefined ? `${readers} reading` : `held by ${writer}`;
  }
  if (primitive instanceof Condition) return `${primitive.waiters} waiting`;
  if (primitive instanceof Event) return primitive.isSet ? 'set' : 'clear';
  if (primitive instanceof MappedFile) return beginningOf(primitive);
  if (primitive instanceof ThreadLocal) return 'one in each thread';
  return undefined;
}

const PREVIEW_BYTES = 64;

/** How long a file is, and the text in it, or how it begins: a file may be larger than anybody wants to see. */
function beginningOf(file: MappedFile): string {
  try {
    return `${file.length} bytes, ${textIn(file) ?? charactersIn(file)}`;
  } catch (error) {
    if (isIpcError(error, 'ERR_IPC_FILE_SHRANK')) return 'was cut by somebody';
    throw error;
  }
}

function textIn(file: MappedFile): string | undefined {
  try {
    return file.readText();
  } catch (error) {
    if (isIpcError(error, 'ERR_IPC_TEXT_INVALID')) return undefined;
    throw error;
  }
}

function charactersIn(file: MappedFile): string {
  const bytes = file.read(0, Math.min(file.length, PREVIEW_BYTES));
  if (bytes.every((byte) => byte === 0)) return 'zeroes';
  const text = new TextDecoder().decode(bytes).replaceAll(/[\p{Cc}\p{Cf}\uFFFD]+/gu, '·');
  return file.length > bytes.length ? `${text} …` : text;
}

/** Of a long array the first elements, and how many there are besides. */
function elementsOf(array: RawArray<TypeCode>): unknown {
  const first = array.slice(0, MOST_ELEMENTS);
  const rest = array.length - first.length;
  if (array.code === 'c') return first.join('') + (rest > 0 ? ` and ${rest} more` : '');
  return rest > 0 ? [...first, `and ${rest} more`] : first;
}

/** The type code of a value or array; undefined for anything else. */
export function typeCodeOf(primitive: Primitive): string | undefined {
  return primitive instanceof RawValue ||
    primitive instanceof RawArray ||
    primitive instanceof SharedValue ||
    primitive instanceof SharedArray
    ? primitive.code
    : undefined;
}

function dictSnapshot(dict: Dict): unknown {
  try {
    return Object.fromEntries(dict.entries());
  } catch (error) {
    if (isIpcError(error, 'ERR_IPC_SERVER_GONE')) return 'gone with its manager';
    throw error;
  }
}
