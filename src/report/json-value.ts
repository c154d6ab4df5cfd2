import { IpcError } from '../core/errors.ts';

/**
 * Turns any value that crosses between processes into one that JSON can hold: whole numbers of 64 bits become strings of digits, numbers that
 * JSON lacks their names, maps and sets arrays, undefined null, and a cycle the word `[circular]` where it closes.
 * @throws IpcError `ERR_IPC_NOT_CLONEABLE` for a primitive of ipc-lab: a report outlives the memory it lies in
 */
export function jsonValue(value: unknown): unknown {
  return convert(value, []);
}

const SHARED_OBJECT = Symbol.for('ipc-lab.shared-object');

function convert(value: unknown, around: readonly object[]): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value !== 'object') return value;
  if (SHARED_OBJECT in value) {
    const kind = 'kind' in value ? String(value.kind) : 'shared object';
    throw new IpcError('ERR_IPC_NOT_CLONEABLE', `a ${kind} itself cannot be part of a result, only what it holds`, {
      hint: 'Return its value, as in counter.value or [...numbers].',
    });
  }
  if (around.includes(value)) return '[circular]';
  const inside = [...around, value];
  const inner = (each: unknown): unknown => convert(each, inside);
  if (Array.isArray(value)) return value.map(inner);
  if (ArrayBuffer.isView(value))
    return value instanceof DataView ? null : Array.from(value as unknown as Iterable<unknown>, inner);
  if (value instanceof Map) return Array.from(value, ([key, entry]) => [inner(key), inner(entry)]);
  if (value instanceof Set) return Array.from(value, inner);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Error) return { name: value.name, message: value.message };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inner(entry)]));
}
