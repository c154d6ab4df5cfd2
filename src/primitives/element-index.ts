import { IpcError } from '../core/errors.ts';
import { shown } from '../core/natural.ts';

/** Turns an index of the array into one of the segment. @throws IpcError `ERR_IPC_OUT_OF_RANGE` */
export function place(index: number, length: number, first: number): number {
  // Of a bigint or a symbol even the comparison throws.
  if (typeof index === 'number' && index >>> 0 === index && index < length) return first + index;
  if (Number.isInteger(index) && index < 0 && index >= -length) return first + length + index;
  throw new IpcError('ERR_IPC_OUT_OF_RANGE', `index ${shown(index)} is not in an array of ${length} elements`, {
    hint: length === 0 ? 'It is empty.' : `Use 0 to ${length - 1}, or -${length} to -1 from the end.`,
  });
}

/** A bound of a slice, with the rules of `Array.prototype.slice`. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what is no number */
export function clamp(index: number, length: number): number {
  if (typeof index !== 'number')
    throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `a slice begins and ends at numbers, not at ${shown(index)}`);
  return index < 0 ? Math.max(0, length + index) : Math.min(index, length);
}

/** The elements as an array. @throws IpcError `ERR_IPC_INVALID_ARGUMENT` for what has none */
export function listOf<E>(elements: Iterable<E>): E[] {
  if (typeof (elements as Partial<Iterable<E>> | null | undefined)?.[Symbol.iterator] === 'function')
    return [...elements];
  throw new IpcError('ERR_IPC_INVALID_ARGUMENT', `elements are given as an array, not as ${shown(elements)}`, {
    hint: "As in lab.rawArray('i', [1, 2, 3]); for so many zeroes, give their number: lab.rawArray('i', 3).",
  });
}
