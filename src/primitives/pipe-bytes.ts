/** Messages of bytes: parts of arrays to be sent, and arrays to receive into. */
import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';

/** What `ERR_IPC_BUFFER_TOO_SHORT` carries besides: the message that did not fit. */
export interface BufferTooShort extends IpcError {
  readonly bytes: Uint8Array;
}

/** @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
export function checkRange(what: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', `${what} must be a whole number from 0 to ${most}, not ${value}`);
}

/** Refuses what no bytes can be received into. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` */
export function checkTarget(target: unknown): void {
  if (target instanceof Uint8Array) return;
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `bytes are received into a Uint8Array, not ${shown(target)}`);
}

/** The bytes from `offset` on, or `size` of them; not a copy. @throws IpcError `ERR_IPC_OUT_OF_RANGE`, `ERR_IPC_INVALID_ARGUMENT` */
export function partOf(bytes: Uint8Array, offset = 0, size?: number): Uint8Array {
  if (!(bytes instanceof Uint8Array))
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `sendBytes takes a Uint8Array, not ${shown(bytes)}`);
  checkRange('the offset of the bytes to send', offset, bytes.length);
  if (size !== undefined) checkRange('the number of bytes to send', size, bytes.length - offset);
  if (size === undefined && offset === 0 && bytes.constructor === Uint8Array) return bytes;
  // A Buffer is bytes too, and arrives as such.
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, size ?? bytes.length - offset);
}

/** Copies a message into an array. Returns its length. @throws IpcError `ERR_IPC_BUFFER_TOO_SHORT`, with the message */
export function fill(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  if (bytes.length > target.length - offset) {
    const error = new IpcError(
      'ERR_IPC_BUFFER_TOO_SHORT',
      `a message of ${bytes.length} bytes does not fit into the ${target.length - offset} bytes that are left of the target`,
      { hint: 'The whole message is in the property bytes of this error.' },
    );
    throw Object.assign(error, { bytes }) satisfies BufferTooShort;
  }
  target.set(bytes, offset);
  return bytes.length;
}
