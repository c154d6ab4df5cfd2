import { IpcError } from '../core/errors.ts';

/** Turns an index of the array into one of the segment. @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
export function place(index: number, length: number, first: number): number {
  if (index >>> 0 === index && index < length) return first + index;
  if (Number.isInteger(index) && index < 0 && index >= -length) return first + length + index;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', `index ${index} is not in an array of ${length} elements`, {
    hint: length === 0 ? 'It is empty.' : `Use 0 to ${length - 1}, or -${length} to -1 from the end.`,
  });
}

/** A bound of a slice, with the rules of `Array.prototype.slice`. */
export function clamp(index: number, length: number): number {
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}
